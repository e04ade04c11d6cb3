"""Procedural pictures of hole clusters and of their look-alikes; pure functions of a seed."""

from synthetic.drawing import Drawing, draw, patch
from synthetic.kinds import KINDS, Kind
from synthetic.sheet import contact_sheet

__all__ = ["KINDS", "Drawing", "Kind", "contact_sheet", "draw", "patch"]
