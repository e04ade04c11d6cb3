"""What a cover looks like, and that nothing but the reader lifts it: no page, no print-out, no forced colours."""

import base64
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Playwright

from tests.extension.browser import assemble, browser_with, seen_plainly, seen_unjudged
from tests.extension.conftest import DIST
from tests.extension.judged import Judged, png
from tests.extension.settings import changed
from tests.extension.site import Site
from tests.extension.test_kinds import STILL, wait_until_judged

MAGENTA = (255, 0, 255)
EVERY_KIND = "".join(markup.format("magenta.png") for markup in STILL.values())


def pixels(shot: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the RGB pixels of a screenshot."""
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))


def magenta(shot: bytes) -> int:
    """Count magenta pixels."""
    return int((pixels(shot) == MAGENTA).all(axis=-1).sum())


@pytest.fixture(scope="module")
def modelless(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Run a browser whose extension has no model: everything must stay hidden."""
    folder = tmp_path_factory.mktemp("modelless")
    with browser_with(playwright, assemble(DIST, None, folder / "extension"), folder / "profile") as context:
        yield context


def test_no_pixel_of_any_kind_is_painted_without_a_verdict(modelless: BrowserContext, site: Site) -> None:
    # Magenta drawn once: every frame that Chromium paints is looked at.
    site.put("magenta.png", png(Image.new("RGB", (200, 150), MAGENTA)))
    loud = "opacity: 1 !important; object-position: 0 0 !important; filter: none !important; content: normal"
    style = f"<style>@layer a {{ * {{ {loud} }} }} html body * {{ {loud} }}</style>"
    page = modelless.new_page()
    session = modelless.new_cdp_session(page)
    frames: list[str] = []

    def keep(event: dict[str, Any]) -> None:
        frames.append(event["data"])
        session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    session.on("Page.screencastFrame", keep)
    session.send("Page.startScreencast", {"format": "png", "everyNthFrame": 1})
    page.goto(site.page("magenta", EVERY_KIND, style))
    wait_until_judged(page, len(STILL))
    page.mouse.wheel(0, 2000)
    page.wait_for_timeout(500)

    assert len(frames) >= 2
    assert [n for n, frame in enumerate(frames) if magenta(base64.b64decode(frame))] == []
    assert set(wait_until_judged(page)) == {"hidden"}
    assert magenta(page.screenshot(full_page=True)) == 0
    page.emulate_media(media="print")
    assert magenta(page.screenshot(full_page=True)) == 0
    page.emulate_media(media="screen", forced_colors="active")
    assert magenta(page.screenshot(full_page=True)) == 0
    page.close()


@pytest.mark.parametrize("style", ["blur", "solid", "pastel"])
def test_a_cover_of_the_readers_choice_hides_the_picture_and_keeps_the_layout(
    page: Page, browser: BrowserContext, site: Site, images: Site, covered: Judged, style: str
) -> None:
    address = f"{images.url}/{covered.name}?n={style}"
    one = STILL["image button"].format(address)
    with changed(browser, cover=style):
        page.goto(site.page(f"cover-{style}", f'<img src="{address}" width="200" height="150">{one}'))
        wait_until_judged(page, 2)
        page.wait_for_timeout(200)
        shot = pixels(page.screenshot(clip={"x": 12, "y": 12, "width": 190, "height": 140}))
        worn = page.evaluate("[...document.querySelectorAll('img, input')].map(e => e.dataset.flinchCover)")
        boxes = page.evaluate("[...document.images].map(e => [e.offsetWidth, e.offsetHeight])")

    assert worn == [{"blur": "blur-48", "solid": "solid", "pastel": "pastel"}[style]] * 2
    assert boxes == [[200, 150]]
    assert seen_plainly(page, address) == []
    # Nothing as fine as the picture's pattern is left.
    assert np.abs(np.diff(shot.astype(int), axis=1)).max() <= 6


def test_a_page_that_sets_our_attributes_itself_does_not_win(
    page: Page, site: Site, images: Site, covered: Judged
) -> None:
    address = f"{images.url}/{covered.name}?n=forged"
    script = """
        addEventListener('load', () => setInterval(() => {
            it.dataset.flinch = 'shown';
            it.dataset.flinchCover = 'solid';
            document.documentElement.toggleAttribute('data-flinch-off', true);
        }, 5));
    """
    body = f'<img id="it" data-flinch="revealed" src="{address}" width="200"><script>{script}</script>'

    page.goto(site.page("forged", body))
    page.wait_for_timeout(1500)

    assert page.evaluate("it.dataset.flinch") == "covered"
    assert page.evaluate("document.documentElement.hasAttribute('data-flinch-off')") is False
    assert seen_unjudged(page) == []
    assert seen_plainly(page, address) == []


def test_a_printed_page_keeps_its_covers(
    page: Page, modelless: BrowserContext, site: Site, images: Site, covered: Judged, harmless: Judged
) -> None:
    page.goto(site.page("printed", f'<img src="{images.url}/{harmless.name}?n=print" width="300">'))
    wait_until_judged(page)
    hidden = modelless.new_page()
    hidden.goto(page.url)
    wait_until_judged(hidden)

    # A picture that may be seen lies in the file as a picture.
    in_file = {"shown": b"/Subtype /Image" in page.pdf(), "hidden": b"/Subtype /Image" in hidden.pdf()}
    page.goto(site.page("printed-blur", f'<img src="{images.url}/{covered.name}?n=print" width="300">'))
    # A picture that is covered before it is laid out has the largest blur until then.
    page.wait_for_selector("img[data-flinch-cover='blur-48']")
    page.emulate_media(media="print")
    blur = page.evaluate("getComputedStyle(document.images[0]).filter")
    hidden.close()

    assert in_file == {"shown": True, "hidden": False}
    assert "blur(48px)" in blur


def test_a_site_that_is_switched_off_is_as_its_page_made_it_and_is_judged_when_it_is_switched_on(
    page: Page, browser: BrowserContext, site: Site, images: Site, covered: Judged
) -> None:
    address = f"{images.url}/{covered.name}?n=off"
    with changed(browser, on=False):
        page.goto(site.page("off", f'<img src="{address}" width="200">'))
        page.wait_for_selector("html[data-flinch-off]")
        page.wait_for_timeout(300)
        plainly = seen_plainly(page, address)
        was = page.evaluate("[document.images[0].dataset.flinch, document.documentElement.getAttribute('style')]")
    page.wait_for_selector("img[data-flinch=covered]")

    assert plainly != []
    assert was == [None, None]
    assert page.evaluate("document.documentElement.hasAttribute('data-flinch-off')") is False


def test_another_strictness_asks_again(
    page: Page, browser: BrowserContext, site: Site, images: Site, drawn: list[Judged]
) -> None:
    page.goto(site.page("stricter", "".join(f'<img src="{images.url}/{p.name}?n=s" width="99">' for p in drawn)))
    before = wait_until_judged(page, len(drawn))

    with changed(browser, strictness="strict"):
        page.wait_for_timeout(300)
        strict = wait_until_judged(page, len(drawn))

    assert before.count("covered") <= strict.count("covered")
    assert seen_unjudged(page) == []


def test_canvases_are_looked_at_where_the_reader_asked_for_it(
    page: Page, browser: BrowserContext, site: Site, covered: Judged, harmless: Judged
) -> None:
    for picture in (covered, harmless):
        site.put(f"canvas/{picture.name}", picture.data)
    script = f"""
        async function draw(canvas, name) {{
            const image = new Image();
            image.src = 'canvas/' + name;
            await image.decode();
            Object.assign(canvas, {{ width: image.width, height: image.height }});
            canvas.getContext('2d').drawImage(image, 0, 0);
        }}
        draw(a, '{covered.name}');
        draw(b, '{harmless.name}');
    """
    with changed(browser, canvases=True):
        page.goto(
            site.page("canvases", f'<canvas id="a"></canvas><canvas id="b"></canvas><script>{script}</script>')
        )
        page.wait_for_selector("#a[data-flinch=covered]")
        page.wait_for_selector("#b[data-flinch=shown]")
        page.evaluate(f"draw(b, '{covered.name}')")
        page.wait_for_selector("#b[data-flinch=covered]")
        unjudged = seen_unjudged(page)
    page.wait_for_selector("#a[data-flinch=none]")

    assert unjudged == []
