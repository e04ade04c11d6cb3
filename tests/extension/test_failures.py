"""Whatever goes wrong, the picture stays hidden and says why; what can be repaired is repaired."""

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Playwright

from tests.extension.browser import assemble, browser_with, seen_plainly, seen_unjudged, states, wait_until_settled
from tests.extension.conftest import DIST
from tests.extension.judged import Judged, png
from tests.extension.site import Site
from tests.extension.workers import run_in_worker, worker_ids

MAGENTA = (255, 0, 255)


def magenta_pixels(page: Page) -> int:
    shot = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
    return int((shot == MAGENTA).all(axis=-1).sum())


def why(page: Page) -> dict[str, str | None]:
    found: dict[str, str | None] = page.evaluate(
        "() => Object.fromEntries([...document.images].map(i => [i.id, i.dataset.flinchWhy ?? null]))"
    )
    return found


def test_pictures_that_nobody_hands_out_stay_hidden_and_say_why(page: Page, site: Site, images: Site) -> None:
    images.put("magenta.png", png(Image.new("RGB", (200, 200), MAGENTA)))
    refused, dropped = f"{images.url}/magenta.png?once", f"{images.url}/magenta.png?once=drop"
    address = site.page("refused", f'<img id="a" src="{refused}" alt="a flower"><img id="b" src="{dropped}">')

    page.goto(address)
    wait_until_settled(page, 2)

    assert states(page) == {"a": "hidden", "b": "hidden"}
    assert why(page) == {"a": "fetchFailed", "b": "fetchFailed"}
    assert magenta_pixels(page) == 0
    assert seen_plainly(page, refused) == seen_plainly(page, dropped) == []
    said = "Hidden by Flinch: the picture could not be fetched to be judged"
    assert page.get_by_label(f"a flower ({said})").count() == 1
    assert page.get_by_title(said).count() == 2


def test_a_picture_that_failed_is_judged_when_the_network_is_back(
    page: Page, site: Site, images: Site, harmless: Judged
) -> None:
    path = f"/{harmless.name}?back"
    images.failing.add(path)
    page.goto(site.page("back", f'<img id="it" src="{images.url}{path}">'))
    page.wait_for_selector("img[data-flinch=hidden]")
    at_first = why(page)

    images.failing.discard(path)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_selector("img[data-flinch=shown]")

    assert at_first == {"it": "fetchFailed"}
    assert seen_unjudged(page) == []


@pytest.mark.parametrize("kind", ["poster", "background"])
def test_so_is_one_that_is_shown_without_a_picture_element(
    page: Page, site: Site, images: Site, harmless: Judged, kind: str
) -> None:
    path = f"/{harmless.name}?{kind}-back"
    images.failing.add(path)
    url = f"{images.url}{path}"
    style = "width: 200px; height: 200px"
    bodies = {
        "poster": f'<video id="it" poster="{url}" style="{style}"></video>',
        "background": f'<div id="it" style="{style}; background-image: url({url})"></div>',
    }
    page.goto(site.page(f"{kind}-back", bodies[kind]))
    tried = 1
    while images.asked[path] == tried:
        page.wait_for_timeout(50)
    page.wait_for_timeout(500)
    at_first = page.evaluate(SHOWN)

    images.failing.discard(path)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_function(SHOWN)

    assert at_first is False


SHOWN = """() => it.dataset.flinch === 'shown' || getComputedStyle(it).backgroundImage.startsWith('url')
    && it.hasAttribute('data-flinch-back')"""


def test_missing_broken_and_halved_pictures_are_never_seen(
    page: Page, site: Site, images: Site, covered: Judged
) -> None:
    images.put("broken.png", b"\x89PNG\r\n\x1a\nand then nothing that a decoder knows")
    images.put("half.png", covered.data[: len(covered.data) // 2])
    sources = ["missing.png", "broken.png", "half.png"]
    address = site.page("gone", "".join(f'<img id="{s}" src="{images.url}/{s}">' for s in sources))

    page.goto(address)
    wait_until_settled(page, 3)

    assert why(page)["missing.png"] == why(page)["broken.png"] == "notLoaded"
    assert seen_unjudged(page) == []
    assert seen_plainly(page, f"{images.url}/half.png") == []


def test_a_picture_in_the_body_of_a_404_is_judged_like_any_other(
    page: Page, site: Site, images: Site, covered: Judged, harmless: Judged
) -> None:
    address = site.page(
        "found",
        f'<img id="a" src="{images.url}/{covered.name}?status=404">'
        f'<img id="b" src="{images.url}/{harmless.name}?status=404">',
    )

    page.goto(address)
    wait_until_settled(page, 2)

    assert states(page) == {"a": "covered", "b": "shown"}


def test_a_drawing_is_judged_although_a_worker_cannot_decode_it(page: Page, site: Site, images: Site) -> None:
    size = "width='120' height='80'"
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' {size}><rect {size} fill='#468'/></svg>"
    images.put("drawing.svg", svg.encode())
    address = site.page("drawing", f'<img id="it" src="{images.url}/drawing.svg">')

    page.goto(address)
    wait_until_settled(page, 1)

    assert states(page)["it"] in {"shown", "covered"}
    assert seen_unjudged(page) == []


def test_closing_the_offscreen_document_delays_verdicts_and_shows_nothing(
    page: Page, browser: BrowserContext, site: Site, images: Site, covered: Judged, harmless: Judged
) -> None:
    slow = [f"{images.url}/{picture.name}?delay=1&n=closed" for picture in (covered, harmless)]
    first = f"{images.url}/{harmless.name}?n=open"
    address = site.page("closed", f'<img src="{first}"><img id="a" src="{slow[0]}"><img id="b" src="{slow[1]}">')
    page.goto(address, wait_until="commit")
    wait_until_settled(page, 1)

    browser.service_workers[0].evaluate("chrome.offscreen.closeDocument()")
    wait_until_settled(page, 3)

    assert states(page) == {"": "shown", "a": "covered", "b": "shown"}
    assert seen_unjudged(page) == []


@pytest.mark.parametrize("harm", ["setTimeout(() => { throw new Error('broken on purpose') })", "for (;;) {}"])
def test_a_worker_that_breaks_or_hangs_is_replaced(
    page: Page, browser: BrowserContext, site: Site, images: Site, harmless: Judged, harm: str
) -> None:
    kind = "hangs" if "for" in harm else "breaks"
    page.goto(site.page(f"before-{kind}", f'<img src="{images.url}/{harmless.name}?before={kind}">'))
    wait_until_settled(page, 1)
    before = worker_ids(browser, page)

    run_in_worker(browser, page, harm)
    page.goto(site.page(f"after-{kind}", f'<img id="it" src="{images.url}/{harmless.name}?after={kind}">'))
    # One that is silent is taken for dead after 20 s.
    page.wait_for_selector("img[data-flinch=shown]", timeout=60_000)

    assert worker_ids(browser, page) - before
    assert seen_unjudged(page) == []


def test_an_extension_that_is_updated_under_an_open_page_says_so_and_shows_nothing_new(
    playwright: Playwright, site: Site, images: Site, harmless: Judged, bundle: Path, tmp_path: Path
) -> None:
    add = "source => { const i = new Image(); i.id = 'new'; i.src = source; document.body.append(i) }"
    with browser_with(playwright, assemble(DIST, bundle, tmp_path / "e"), tmp_path / "profile") as context:
        page = context.new_page()
        page.goto(site.page("updated", f'<img id="old" src="{images.url}/{harmless.name}?n=old">'))
        wait_until_settled(page, 1)

        reload_extension(context, page)
        page.evaluate(add, f"{images.url}/{harmless.name}?n=new")
        wait_until_settled(page, 2)

        assert states(page) == {"old": "shown", "new": "hidden"}
        assert why(page)["new"] == "outdated"
        assert page.get_by_title("Hidden by Flinch: Flinch was updated; please reload the page").count() == 1
        assert seen_plainly(page, f"{images.url}/{harmless.name}?n=new") == []


def reload_extension(context: BrowserContext, page: Page) -> None:
    worker = context.service_workers[0]
    # Not from within the call: the worker that would answer is gone by then.
    worker.evaluate("() => { setTimeout(() => chrome.runtime.reload()) }")
    while worker in context.service_workers:
        page.wait_for_timeout(50)


@pytest.mark.parametrize("altered", [False, True])
def test_without_the_model_that_was_released_everything_stays_hidden(
    playwright: Playwright, site: Site, images: Site, harmless: Judged, bundle: Path, tmp_path: Path, altered: bool
) -> None:
    if altered:
        shutil.copytree(bundle, tmp_path / "altered")
        shard = next((tmp_path / "altered").glob("*.bin"))
        shard.write_bytes(shard.read_bytes()[:-1] + b"?")
    address = site.page("unjudged", f'<img id="it" src="{images.url}/{harmless.name}">')

    extension = assemble(DIST, tmp_path / "altered" if altered else None, tmp_path / "extension")
    with browser_with(playwright, extension, tmp_path / "profile") as context:
        page = context.new_page()
        page.goto(address)
        wait_until_settled(page, 1)

        assert why(page) == {"it": "badModel" if altered else "noModel"}
        assert seen_plainly(page, f"{images.url}/{harmless.name}") == []
