"""Real local servers that stand in for the world."""
