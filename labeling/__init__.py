"""A second look by people: which picture deserves one next, and what they answered."""
