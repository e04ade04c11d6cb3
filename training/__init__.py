"""Snapshot, fit, evaluate, export: from current labels to a bundle."""
