"""Take the README's picture: real Chromium, the built extension, and a page that nobody need flinch at.

`python docs/screenshot.py [--bundle DIR]` writes docs/images/extension.png. The page holds drawn look-alikes and
drawn hole clusters; of each kind the first picture is taken on which the bundle is right, and nothing is written
unless every cluster on the page is covered.
"""

import io
import sys
import tempfile
from pathlib import Path

import click
from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import synthetic  # noqa: E402
from store.errors import FlinchError  # noqa: E402
from store.models import newest_model  # noqa: E402
from store.options import open_concept  # noqa: E402
from tests.extension.browser import assemble, browser_with, states, wait_until_settled  # noqa: E402
from tests.extension.site import Site  # noqa: E402

OUTPUT = ROOT / "docs" / "images" / "extension.png"

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
figure div { height: 165px }
img { display: block; width: 100%; height: 100%; object-fit: cover }
figcaption { padding: 8px 12px }
"""


@click.command()
@click.option(
    "--bundle", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Default: the newest."
)
def screenshot(bundle: Path | None) -> None:
    """Write docs/images/extension.png."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        work = Path(folder)
        extension = assemble(ROOT / "extension" / "dist", bundle or newest_bundle(), work / "extension")
        site = Site("127.0.0.1")
        with browser_with(playwright, extension, work / "profile") as context:
            page = context.new_page()
            page.set_viewport_size({"width": 1100, "height": 760})
            chosen = choose(page, site)
            show(page, site, "An ordinary page", list(chosen.values()))
            check(page, chosen)
            OUTPUT.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=OUTPUT)
        site.close()
    click.echo(f"{OUTPUT.relative_to(ROOT)}: {len(chosen)} pictures")


def newest_bundle() -> Path:
    """Return the folder of this home's newest model."""
    _, store = open_concept("trypophobia")
    try:
        with store.session() as session:
            return Path(newest_model(session, "trypophobia").path)
    except FlinchError as error:
        raise click.ClickException(str(error)) from error


def choose(page: Page, site: Site) -> dict[str, str]:
    """Return for every kind the name of a drawing on which the bundle is right; kinds without one are left out."""
    names = [f"{kind}-{seed}" for kind, _ in CARDS for seed in range(CANDIDATES)]
    for name in names:
        kind, _, seed = name.partition("-")
        site.put(f"{name}.png", png(synthetic.draw(int(seed), kind=kind)))
    show(page, site, "Candidates", names)
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


def show(page: Page, site: Site, title: str, names: list[str]) -> None:
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
        raise click.ClickException(f"this bundle is not good enough for a picture: wrong {wrong}, states {kinds}")


def png(drawing: synthetic.Drawing) -> bytes:
    """Return a drawing as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(drawing.pixels).save(buffer, "PNG")
    return buffer.getvalue()


if __name__ == "__main__":
    screenshot()
