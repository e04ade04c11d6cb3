"""An ordinary page of drawn look-alikes and drawn hole clusters, on which a model is right."""

import io

import click
from PIL import Image
from playwright.sync_api import Page

import synthetic
from tests.extension.browser import states, wait_until_settled
from tests.extension.site import Site

# Kind of drawing, caption. Look-alikes that some readers dislike as well (dots, pebbles, leaves) stay out.
CARDS = (
    ("bricks", "The old wall"),
    ("honeycomb", "From a beekeeper"),
    ("ripples", "Low tide"),
    ("grass", "Behind the house"),
    ("lotus_pod", "From the pond"),
    ("wood", "A table top"),
    ("text_page", "A long read"),
    ("stripes", "Deck chairs"),
    ("coral", "From a diver"),
    ("weave", "Linen"),
    ("sponge", "Bath day"),
    ("checkerboard", "Kitchen floor"),
)
CANDIDATES = 6  # drawings of a kind to choose from
PASTELS = ("#e8eef7", "#f3ece4", "#e7f2ea", "#f4e9ef")

STYLE = """
body { margin: 0; padding: 24px 36px; font: 15px/1.4 system-ui, sans-serif; background: #fbfbfa; color: #333 }
h1 { margin: 0 0 18px; font-size: 22px; font-weight: 600 }
main { display: grid; grid-template-columns: repeat(4, 1fr); gap: 18px }
figure { margin: 0; border-radius: 10px; overflow: hidden; background: #fff; box-shadow: 0 1px 4px #0002 }
figure div { height: 176px }
img { display: block; width: 100%; height: 100%; object-fit: cover }
figcaption { padding: 8px 12px }
"""


def choose(page: Page, site: Site) -> dict[str, str]:
    """Return for every kind the name of a drawing on which the model is right; kinds without one are left out."""
    names = [f"{kind}-{seed}" for kind, _ in CARDS for seed in range(CANDIDATES)]
    for name in names:
        kind, _, seed = name.partition("-")
        site.put(f"{name}.png", file_of(synthetic.draw(int(seed), kind=kind)))
    open_page(page, site, "Candidates", names)
    found = states(page)
    right = [name for name in names if found[name] == wanted(name)]
    return {kind: name for kind, _ in CARDS if (name := first_of(kind, right)) is not None}


def first_of(kind: str, names: list[str]) -> str | None:
    """Return the first name that belongs to a kind."""
    return next((name for name in names if name.startswith(f"{kind}-")), None)


def wanted(name: str) -> str:
    """Return the state that a drawing must end in."""
    positive = {kind.name for kind in synthetic.KINDS if kind.positive}
    return "covered" if name.partition("-")[0] in positive else "shown"


def open_page(page: Page, site: Site, title: str, names: list[str]) -> None:
    """Open a page with these drawings and wait for all verdicts."""
    captions = dict(CARDS)
    cards = "".join(
        f'<figure><div style="background:{PASTELS[n % len(PASTELS)]}"><img id="{name}" src="{name}.png"></div>'
        f"<figcaption>{captions[name.partition('-')[0]]}</figcaption></figure>"
        for n, name in enumerate(names)
    )
    body, head = f"<h1>{title}</h1><main>{cards}</main>", f"<style>{STYLE}</style>"
    page.goto(site.page(title.replace(" ", "-"), body, head))
    wait_until_settled(page, len(names))


def check(page: Page, chosen: dict[str, str]) -> None:
    """Raise ClickException unless the page shows look-alikes, covers clusters, and nothing else."""
    found = states(page)
    wrong = [name for name in chosen.values() if found[name] != wanted(name)]
    kinds = {wanted(name) for name in chosen.values()}
    if wrong or kinds != {"covered", "shown"}:
        raise click.ClickException(f"this model is not good enough for a picture: wrong {wrong}, states {kinds}")


def first_covered(page: Page, chosen: dict[str, str]) -> str:
    """Return the name of the first drawing that is covered."""
    found = states(page)
    return next(name for name in chosen.values() if found[name] == "covered")


def file_of(drawing: synthetic.Drawing) -> bytes:
    """Return a drawing as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(drawing.pixels).save(buffer, "PNG")
    return buffer.getvalue()
