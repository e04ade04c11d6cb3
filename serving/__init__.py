"""The HTTP service: takes reports from readers."""
