"""Real local servers that stand in for the world, and a model of one line that stands in for a network."""
