"""Pages that do their worst, drawn from a seed: ways to show a picture, and tricks played around them."""
