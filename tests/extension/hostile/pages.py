"""A page a seed: some ways to show the bait, some tricks; any part can be left out to see which does the harm."""

import json
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.extension.hostile.bait import Kit

HERE = Path(__file__).parent
BOX = "display:inline-block;width:110px;height:90px;margin:2px"
HOSTS = ("cors", "plain", "own", "data", "held", "held", "refused")
# `every` outlives document.open(), which throws listeners away but no timers.
HELP = """
const every = (ms, f) => { setInterval(() => { try { f() } catch {} }, ms) };
const boxes = () => document.body ? [...document.body.querySelectorAll('*')] : [];
"""


def _places() -> dict[str, tuple[str, Any]]:
    """Return every way to show a picture by name: what kind of text it is, and the text."""
    kinds = tomllib.loads((HERE / "places.toml").read_text())
    return {
        name: (form, text)
        for forms in kinds.values()
        for form, texts in forms.items()
        for name, text in texts.items()
    }


PLACES = _places()
TRICKS: dict[str, dict[str, str]] = tomllib.loads((HERE / "tricks.toml").read_text())
# A place inside a frame inside a page.
NESTINGS = ("", "", "", "", "srcdoc", "srcdoc in srcdoc", "sandbox", "sandbox with scripts", "data frame")


@dataclass(frozen=True)
class Part:
    """One way to show the bait: which, from which host, inside which frames."""

    place: str
    host: str
    nesting: str


@dataclass(frozen=True)
class Recipe:
    """Everything that a hostile page is made of."""

    seed: int
    parts: tuple[Part, ...]
    tricks: tuple[str, ...]

    def smaller(self) -> Iterator["Recipe"]:
        """Return the same page with one thing less, each way."""
        for trick in self.tricks:
            yield replace(self, tricks=tuple(t for t in self.tricks if t != trick))
        for number in range(len(self.parts)):
            yield replace(self, parts=self.parts[:number] + self.parts[number + 1 :])
        for number, part in enumerate(self.parts):
            if part.nesting:
                plain = replace(part, nesting="")
                yield replace(self, parts=(*self.parts[:number], plain, *self.parts[number + 1 :]))


def recipe(seed: int) -> Recipe:
    """Return the page of a seed: the same one on every machine."""
    dice = random.Random(seed)
    places, tricks = sorted(PLACES), sorted(TRICKS)
    count = dice.randint(2, 4)
    parts = [Part(dice.choice(places), dice.choice(HOSTS), dice.choice(NESTINGS)) for _ in range(count)]
    return Recipe(seed, tuple(parts), tuple(dice.sample(tricks, dice.randint(0, 3))))


def render(page: Recipe, kit: Kit, clock: str = "") -> str:
    """Return the page's HTML; ``clock`` is a script of the one who measures, after everything else."""
    constants = f"const HARMLESS = {json.dumps(kit.harmless())}, DATA = {json.dumps(kit.data(0)[:-4])};{HELP}"
    tricks = [TRICKS[name] for name in page.tricks]
    head = [trick.get("head", "") for trick in tricks] + [f"<script>{constants}</script>"]
    head += [f"<script>{trick['early']}</script>" for trick in tricks if "early" in trick]
    body = [_shown(part, kit) for part in page.parts]
    body += [f"<script>(() => {{ {trick['late']} }})()</script>" for trick in tricks if "late" in trick]
    title = f"<title>{page.seed}</title><meta charset=utf-8>"
    return f"<!doctype html><html><head>{title}{''.join(head)}</head><body>{''.join(body)}{clock}</body></html>"


def _shown(part: Part, kit: Kit) -> str:
    html = _placed(part.place, kit.address(part.host), kit.handed)
    frame = '<iframe width=130 height=110 style="border:0" '
    match part.nesting:
        case "":
            return html
        case "srcdoc":
            return f'{frame}srcdoc="{escape(html)}"></iframe>'
        case "srcdoc in srcdoc":
            inner = f'{frame}srcdoc="{escape(html)}"></iframe>'
            return f'{frame}srcdoc="{escape(inner)}"></iframe>'
        case "sandbox":
            return f'{frame}sandbox srcdoc="{escape(html)}"></iframe>'
        case "sandbox with scripts":
            return f'{frame}sandbox="allow-scripts" srcdoc="{escape(html)}"></iframe>'
        case "data frame":
            return f'{frame}src="data:text/html,{quote(html)}"></iframe>'
    raise AssertionError(part.nesting)


def _placed(place: str, url: str, number: int) -> str:
    form, text = PLACES[place]
    match form:
        case "html":
            return str(text.replace("URL", url))
        case "css":
            rule, inside = (text[0], text[1] if len(text) > 1 else "x")
            css = f".c{number} {{ {BOX} }} {rule}".replace("&", f".c{number}").replace("URL", url)
            return f'<style>{css}</style><div class="c{number}">{inside}</div>'
        case "script":
            given = f"document.currentScript.previousElementSibling, {json.dumps(url)}"
            return f'<span style="{BOX}"></span><script>((box, url) => {{ {text} }})({given});</script>'
    raise AssertionError(form)
