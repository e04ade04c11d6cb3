"""The numbers of trainings while they run, and the list of runs."""
