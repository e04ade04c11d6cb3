"""Documents inside of documents, however they come: all are covered from their first frame."""

import html
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.extension.browser import close_service_worker
from tests.extension.judged import Judged
from tests.extension.screen import MARKER, area, filmed, flat, leaked
from tests.extension.site import Site

SIDE = 60

# How a document comes into the page: `{inner}` its markup, `{escaped}`, `{quoted}` the same for an attribute and an
# address, `{file}` its address, `{svg}` the address of a drawing.
WAYS = {
    "same origin": "<iframe src='{file}'></iframe>",
    "lazy": "<iframe loading='lazy' src='{file}'></iframe>",
    "srcdoc": '<iframe srcdoc="{escaped}"></iframe>',
    "srcdoc in srcdoc": '<iframe srcdoc="{nested}" width="330" height="180"></iframe>',
    "written": "<iframe id='it'></iframe><script>it.contentDocument.write(`{inner}`)</script>",
    "written and closed": """<iframe id='it'></iframe>
        <script>it.contentDocument.write(`{inner}`); it.contentDocument.close()</script>""",
    "about:blank": "<iframe id='it'></iframe><script>it.contentDocument.body.innerHTML = `{inner}`</script>",
    "made by a script": """<script>const it = document.body.appendChild(document.createElement('iframe'));
        it.contentDocument.body.innerHTML = `{inner}`</script>""",
    "data address": '<iframe src="data:text/html,{quoted}"></iframe>',
    "blob address": """<iframe id='it'></iframe><script>
        it.src = URL.createObjectURL(new Blob([`{inner}`], {{ type: 'text/html' }}))</script>""",
    "javascript address": """<iframe id='it'></iframe>
        <script>const text = `{inner}`; it.src = 'javascript:parent.eval("text")'</script>""",
    "sandboxed": "<iframe sandbox src='{file}'></iframe>",
    "sandboxed srcdoc": '<iframe sandbox srcdoc="{escaped}"></iframe>',
    "sandboxed, filled from outside": """<iframe id='it' sandbox='allow-same-origin'></iframe>
        <script>it.contentDocument.body.innerHTML = `{inner}`</script>""",
    "navigated by a script": """<iframe id='it'></iframe>
        <script>setTimeout(() => {{ it.contentWindow.location = '{file}' }}, 200)</script>""",
    "given another srcdoc": """<iframe id='it' srcdoc='first'></iframe>
        <script>setTimeout(() => {{ it.srcdoc = `{inner}` }}, 200)</script>""",
    "moved": """<iframe id='it' src='{file}'></iframe>
        <script>setTimeout(() => document.body.append(document.createElement('p'), it), 300)</script>""",
    "object": "<object data='{file}' width='310' height='160'></object>",
    "embed": "<embed src='{file}' width='310' height='160'>",
    "SVG in a frame": "<iframe src='{svg}'></iframe>",
    "SVG in an object": "<object data='{svg}' type='image/svg+xml'></object>",
    "SVG in an embed": "<embed src='{svg}' type='image/svg+xml'>",
}
DRAWINGS = [way for way in WAYS if way.startswith("SVG")]


@pytest.fixture
def inner(images: Site, plain: Judged) -> Iterator[str]:
    """Return a document with images and backgrounds, of a harmless picture and of one that is never judged."""
    images.put("marker.png", flat(MARKER))
    images.put(plain.name, plain.data)
    held, harmless = f"{images.url}/marker.png?held", f"{images.url}/{plain.name}"
    size = f"width: {SIDE}px; height: {SIDE}px; display: inline-block; vertical-align: top"
    loud = "opacity: 1 !important; object-position: 0 0 !important"
    yield (
        f"<!doctype html><style>body {{ margin: 0 }} div, img {{ {size} }}</style>"
        f"<img src='{held}' style='{loud}'><div style='background: url({held}) 0 0 / 60px 60px !important'></div>"
        f"<img src='{harmless}'><div style='background: url({harmless})'></div>"
    )


@pytest.fixture
def drawing(images: Site, inner: str, plain: Judged) -> str:
    """Return a drawing with the same pictures."""
    held, harmless = f"{images.url}/marker.png?held", f"{images.url}/{plain.name}"
    size = f"width='{SIDE}' height='{SIDE}'"
    loud = "filter: none !important; opacity: 1 !important"
    return (
        "<svg xmlns='http://www.w3.org/2000/svg' width='240' height='60'>"
        f"<image href='{held}' {size} style='{loud}'/><image x='60' href='{harmless}' {size}/>"
        "<foreignObject x='120' width='120' height='60'><div xmlns='http://www.w3.org/1999/xhtml'>"
        f"<div style='float: left; width: 60px; height: 60px; background: url({held})'/>"
        f"<div style='float: left; width: 60px; height: 60px; background: url({harmless})'/>"
        "</div></foreignObject></svg>"
    )


def page_of(site: Site, way: str, inner: str, drawing: str) -> str:
    escaped = html.escape(inner)
    nested = html.escape(f'<body style="margin: 0"><iframe srcdoc="{escaped}"></iframe>')
    return site.page(
        "frames",
        WAYS[way].format(
            inner=inner,
            escaped=escaped,
            nested=nested,
            quoted=quote(inner),
            file=site.put("inner.html", inner.encode()),
            svg=site.put("inner.svg", drawing.encode()),
        ),
    )


@pytest.mark.parametrize("way", WAYS)
def test_pictures_of_a_document_in_a_page_are_shown_once_they_are_judged_and_never_before(
    page: Page, site: Site, inner: str, drawing: str, plain_colour: tuple[int, int, int], way: str
) -> None:
    address = page_of(site, way, inner, drawing)

    frames = filmed(page, lambda: page.goto(address, wait_until="commit"), 2500)

    assert leaked(frames) == 0
    assert area(frames[-1], plain_colour) == 2 * SIDE * SIDE


@pytest.mark.parametrize("way", ["same origin", "about:blank", "sandboxed", "SVG in an object"])
def test_they_are_not_seen_while_the_service_worker_sleeps_either(
    page: Page,
    browser: BrowserContext,
    site: Site,
    inner: str,
    drawing: str,
    plain_colour: tuple[int, int, int],
    way: str,
) -> None:
    address = page_of(site, way, inner, drawing)
    close_service_worker(browser, page)

    frames = filmed(page, lambda: page.goto(address, wait_until="commit"), 3000)

    assert leaked(frames) == 0
    assert area(frames[-1], plain_colour) == 2 * SIDE * SIDE


def test_a_frame_of_another_origin_and_one_of_a_picture_are_judged(
    page: Page, site: Site, images: Site, covered: Judged, plain: Judged, plain_colour: tuple[int, int, int]
) -> None:
    images.put(plain.name, plain.data)
    style = f"width: {SIDE}px; height: {SIDE}px"
    other = images.page(
        "other",
        f"<div id='bad' style='{style}; background: url({covered.name})'></div>"
        f"<div style='{style}; background: url({plain.name})'></div>",
    )
    address = site.page(
        "others", f"<iframe src='{other}'></iframe><iframe src='{images.url}/{plain.name}'></iframe>"
    )

    frames = filmed(page, lambda: page.goto(address), 2500)

    bad = page.frames[1].evaluate("getComputedStyle(bad).backgroundImage")
    assert bad == "none"
    # The bare picture is cut off by its frame.
    assert area(frames[-1], plain_colour) >= SIDE * SIDE + 140 * 140


def test_a_window_that_a_page_opens_and_writes_to_is_covered(
    page: Page, site: Site, inner: str, plain_colour: tuple[int, int, int]
) -> None:
    page.goto(site.page("opener", "<p>opener</p>"))

    with page.expect_popup() as opening:
        page.evaluate("inner => { const it = window.open(); it.document.write(inner); it.document.close() }", inner)
    frames = filmed(opening.value, lambda: None, 2500)
    opening.value.close()

    assert leaked(frames) == 0
    assert area(frames[-1], plain_colour) == 2 * SIDE * SIDE
