"""What the pages that are written have in common: the template folder, and colours that follow light and dark."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_TEMPLATES = Path(__file__).with_name("templates")


def environment() -> "Environment":
    """Return the templates, which escape what they are given and refuse a name that they were not given."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def markup(svg: str) -> "Markup":
    """Return a drawing as what a template need not escape."""
    from markupsafe import Markup

    # Safe: matplotlib escapes what it writes as text, and nothing else in a drawing comes from outside.
    return Markup(svg)  # noqa: S704


def standalone(svg: str) -> str:
    """Return a page's drawing as a file of its own, which brings the page's colours and a sheet of paper."""
    colours = (_TEMPLATES / "colours.css").read_text(encoding="utf-8")
    style = f"<style>{colours} svg {{ background: var(--paper); font-family: system-ui, sans-serif; }}</style>"
    opening, _, rest = svg.partition(">")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{opening}>{style}{rest}'
