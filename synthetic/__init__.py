"""Procedural pictures of hole clusters and of their look-alikes; pure functions of a seed."""
