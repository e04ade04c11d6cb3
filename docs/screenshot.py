"""Take the pictures of the README and of the stores: real Chromium, the built extension, nothing to flinch at.

`python docs/screenshot.py [--bundle DIR]` writes extension/store/images/. The page in them holds drawn look-alikes
and drawn hole clusters (`drawn_page.py`); nothing is written unless every cluster on it is covered.
"""

import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import click
from PIL import Image, ImageFilter
from playwright.sync_api import BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from drawn_page import check, choose, first_covered, open_page  # noqa: E402

from tests.extension.browser import assemble, browser_with, open_extension_page  # noqa: E402
from tests.extension.site import Site  # noqa: E402

OUTPUT = ROOT / "extension" / "store" / "images"
# What the Chrome Web Store takes, and what Firefox's shows without scaling.
SIZE = {"width": 1280, "height": 800}
PROMO = {"width": 440, "height": 280}
HOST = "pictures.example"

PROMO_PAGE = """<style>
body { margin: 0; height: 280px; display: grid; grid-template-columns: 96px auto; gap: 24px; align-content: center;
  justify-content: center; align-items: center; background: #e9eff6; color: #23313f; font-family: sans-serif }
h1 { margin: 0; font-size: 44px } p { margin: 4px 0 0; font-size: 17px; line-height: 1.35; max-width: 230px }
</style><img src="icon.png" width="96"><div><h1>Flinch</h1><p>Covers the pictures you cannot bear.</p></div>"""


@click.command()
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=ROOT / "extension" / "model",
    help="Default: the released model.",
)
def screenshot(bundle: Path) -> None:
    """Write extension/store/images/."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        work = Path(folder)
        extension = assemble(ROOT / "extension" / "dist", bundle, work / "extension")
        site = Site(HOST)
        local = f"--host-resolver-rules=MAP {HOST} 127.0.0.1"
        with browser_with(playwright, extension, work / "profile", local) as context:
            images = take(context, site)
        site.close()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for name, data in images.items():
        file = OUTPUT / f"{name}.jpg"
        Image.open(BytesIO(data)).convert("RGB").save(file, quality=90, optimize=True)
        click.echo(file.relative_to(ROOT))


def take(context: BrowserContext, site: Site) -> dict[str, bytes]:
    """Return the pictures as PNG files by their names, in the order in which a store shows them."""
    page = context.new_page()
    page.set_viewport_size(SIZE)
    chosen = choose(page, site)
    open_page(page, site, "An ordinary page", list(chosen.values()))

    def safe(shot: Callable[[], bytes]) -> bytes:
        data = shot()
        # Afterwards: what was covered before might have been shown meanwhile.
        check(page, chosen)
        return data

    images = {"1-page": safe(page.screenshot), "2-popup": safe(lambda: with_popup(context, page))}
    covered = page.locator(f"#{first_covered(page, chosen)}")
    images["3-reveal"] = safe(lambda: with_pill(page, covered.bounding_box() or {}))
    for number, name in ((4, "options"), (5, "welcome")):
        images[f"{number}-{name}"] = of_extension(context, f"{name}.html")
    images["promo"] = promo(context, site)
    return images


def with_popup(context: BrowserContext, page: Page) -> bytes:
    """Return the page with the popup where the browser opens it, which no picture of a page shows."""
    query = "url => chrome.tabs.query({}).then(tabs => tabs.find(tab => tab.url === url).id)"
    tab = context.service_workers[0].evaluate(query, page.url)
    popup = open_extension_page(context, f"popup.html?tab={tab}")
    popup.set_viewport_size({"width": 360, "height": 600})
    popup.wait_for_timeout(300)
    laid = Image.open(BytesIO(popup.locator("body").screenshot())).convert("RGB")
    popup.close()
    page.bring_to_front()
    under = Image.open(BytesIO(page.screenshot())).convert("RGB")
    place = (under.width - laid.width - 24, 12)
    shadow = Image.new("L", under.size, 0)
    shadow.paste(110, (place[0], place[1] + 6, place[0] + laid.width, place[1] + 6 + laid.height))
    under.paste((20, 30, 40), mask=shadow.filter(ImageFilter.GaussianBlur(14)))
    under.paste(laid, place)
    return png(under)


def with_pill(page: Page, box: dict[str, float]) -> bytes:
    """Return the page with the pointer on a covered picture."""
    page.bring_to_front()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    page.wait_for_timeout(700)
    return page.screenshot()


def of_extension(context: BrowserContext, name: str) -> bytes:
    """Return a page of the extension, as it is after the installation."""
    page = open_extension_page(context, name)
    page.set_viewport_size(SIZE)
    page.wait_for_timeout(300)
    data = page.screenshot()
    page.close()
    return data


def promo(context: BrowserContext, site: Site) -> bytes:
    """Return the tile that the Chrome Web Store shows in its lists."""
    site.put("icon.png", (ROOT / "extension" / "public" / "icons" / "128.png").read_bytes())
    page = context.new_page()
    page.set_viewport_size(PROMO)
    page.goto(site.page("promo", PROMO_PAGE))
    page.wait_for_selector("img[data-flinch=shown]")
    data = page.screenshot()
    page.close()
    return data


def png(image: Image.Image) -> bytes:
    """Return an image as a PNG file."""
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


if __name__ == "__main__":
    screenshot()
