"""Documents inside of documents, however they come: all are covered from their first frame."""

import html
from typing import NamedTuple
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.extension.badge import wait_for_badge
from tests.extension.browser import close_service_worker, late_style_sheets
from tests.extension.judged import Judged
from tests.extension.screen import area, filmed, leaked, serve
from tests.extension.site import Site

SIDE = 60
# In which a window of its own is filmed and its pictures come, and less than a document is blank for at most.
LATE_MS = 700

# Chromium forgets an <object> now and then when a script forces layouts as early as the probe does.
REMEMBERED = """<script>setTimeout(() => {{
    const [it] = document.getElementsByTagName('object');
    if (it.contentDocument === null) it.data = it.data;
}}, 1000)</script>"""

# How a document comes into the page: `{inner}` its markup, `{escaped}`, `{quoted}` the same for an attribute and an
# address, `{file}` its address, `{elsewhere}` its address on another origin, `{svg}` the address of a drawing.
WAYS = {
    "same origin": "<iframe src='{file}'></iframe>",
    "another origin": "<iframe src='{elsewhere}'></iframe>",
    "another origin, sandboxed": "<iframe sandbox='allow-scripts' src='{elsewhere}'></iframe>",
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
    "object": f"<object data='{{file}}' width='310' height='160'></object>{REMEMBERED}",
    "embed": "<embed src='{file}' width='310' height='160'>",
    "SVG in a frame": "<iframe src='{svg}'></iframe>",
    "SVG in an object": f"<object data='{{svg}}' type='image/svg+xml'></object>{REMEMBERED}",
    "SVG in an embed": "<embed src='{svg}' type='image/svg+xml'>",
}
# How a page gets another root element after its content script has run, filled with `{inner}`.
ROOTS = {
    "written anew": "onload = () => {{ document.open(); document.write(`{inner}`); document.close() }}",
    "put in by a script": """onload = () => {{
        const root = document.createElement('html');
        root.innerHTML = `{inner}`;
        document.documentElement.replaceWith(root);
    }}""",
}


class Addresses(NamedTuple):
    """Of the pictures that every document has twice: one never judged, one harmless, one triggering."""

    held: str
    harmless: str
    triggering: str


@pytest.fixture
def addresses(site: Site, images: Site, plain: Judged, bait: Judged) -> Addresses:
    """Serve the pictures, from the pages' origin and from another one, and return their addresses on the other."""
    for host in (site, images):
        serve(host, plain, bait)
    return Addresses(
        f"{images.url}/marker.png?held", f"{images.url}/{plain.name}?frames", f"{images.url}/{bait.name}?frames"
    )


@pytest.fixture
def inner(addresses: Addresses) -> str:
    """Return a document with images and backgrounds of each picture."""
    held, harmless, triggering = addresses
    size = f"width: {SIDE}px; height: {SIDE}px; display: inline-block; vertical-align: top"
    loud = "opacity: 1 !important; object-position: 0 0 !important"
    return (
        f"<!doctype html><style>body {{ margin: 0 }} div, img {{ {size} }}</style>"
        f"<img src='{held}' style='{loud}'><div style='background: url({held}) 0 0 / 60px 60px !important'></div>"
        f"<img src='{harmless}'><div style='background: url({harmless})'></div>"
        f"<img src='{triggering}' style='{loud}'>"
        f"<div style='background: url({triggering}) 0 0 / 60px 60px !important'></div>"
    )


@pytest.fixture
def drawing(addresses: Addresses) -> str:
    """Return a drawing with the same pictures."""
    held, harmless, triggering = addresses
    size = f"width='{SIDE}' height='{SIDE}'"
    loud = "filter: none !important; opacity: 1 !important"
    return (
        "<svg xmlns='http://www.w3.org/2000/svg' width='240' height='120'>"
        f"<image href='{held}' {size} style='{loud}'/><image x='60' href='{harmless}' {size}/>"
        f"<image y='60' href='{triggering}' {size} style='{loud}'/>"
        "<foreignObject x='120' width='120' height='120'><div xmlns='http://www.w3.org/1999/xhtml'>"
        f"<div style='float: left; width: 60px; height: 60px; background: url({held})'/>"
        f"<div style='float: left; width: 60px; height: 60px; background: url({harmless})'/>"
        f"<div style='float: left; width: 60px; height: 60px; background: url({triggering}) 0 0 / 60px 60px'/>"
        "</div></foreignObject></svg>"
    )


@pytest.fixture
def ways(site: Site, images: Site, inner: str, drawing: str) -> dict[str, str]:
    """Return a page's body by the way in which the document comes into it."""
    escaped = html.escape(inner)
    texts = {
        "inner": inner,
        "escaped": escaped,
        "nested": html.escape(f'<body style="margin: 0"><iframe srcdoc="{escaped}"></iframe>'),
        "quoted": quote(inner),
        "file": site.put("inner.html", inner.encode()),
        # Its pictures, too, are of another origin than itself: else the one that is never judged would be.
        "elsewhere": images.put("inner.html", inner.replace(images.url, site.url).encode()),
        "svg": site.put("inner.svg", drawing.encode()),
    }
    return {way: body.format(**texts) for way, body in WAYS.items()}


def open_until_judged(page: Page, address: str) -> None:
    """Open a page and wait until both triggering pictures are covered; the others are judged about then."""
    page.goto(address, wait_until="commit")
    wait_for_badge(page.context, page, "2")


@pytest.mark.parametrize("way", WAYS)
def test_pictures_of_a_document_in_a_page_are_shown_once_they_are_judged_and_never_before(
    page: Page, site: Site, ways: dict[str, str], plain_colour: tuple[int, int, int], way: str
) -> None:
    address = site.page("frames", ways[way])

    frames = filmed(page, lambda: open_until_judged(page, address))

    # The triggering one is of the marker's colour, too.
    assert leaked(frames) == 0
    assert area(frames[-1], plain_colour) == 2 * SIDE * SIDE


@pytest.mark.parametrize("way", ["same origin", "about:blank", "sandboxed", "SVG in an object"])
def test_they_are_not_seen_while_the_service_worker_sleeps_either(
    page: Page,
    browser: BrowserContext,
    site: Site,
    ways: dict[str, str],
    plain_colour: tuple[int, int, int],
    way: str,
) -> None:
    address = site.page("frames", ways[way])
    close_service_worker(browser, page)

    frames = filmed(page, lambda: open_until_judged(page, address))

    # The triggering one is of the marker's colour, too.
    assert leaked(frames) == 0
    assert area(frames[-1], plain_colour) == 2 * SIDE * SIDE


def test_a_frame_of_nothing_but_a_picture_ends_as_its_picture_was_judged(
    page: Page, site: Site, addresses: Addresses, plain_colour: tuple[int, int, int]
) -> None:
    body = "".join(f"<iframe src='{address}'></iframe>" for address in addresses)

    def open_it() -> None:
        page.goto(site.page("bare-frames", body), wait_until="commit")
        wait_for_badge(page.context, page, "1")

    frames = filmed(page, open_it)

    assert leaked(frames) == 0
    # It is cut off by its frame.
    assert area(frames[-1], plain_colour) >= 140 * 140


@pytest.mark.parametrize("late_ms", [0, LATE_MS])
def test_a_window_that_a_page_opens_and_writes_to_is_covered(
    page: Page, browser: BrowserContext, site: Site, inner: str, plain_colour: tuple[int, int, int], late_ms: int
) -> None:
    page.goto(site.page("opener", "<p>opener</p>"))

    with late_style_sheets(browser, late_ms):
        with page.expect_popup() as opening:
            page.evaluate(
                "inner => { const it = window.open(); it.document.write(inner); it.document.close() }", inner
            )
        opened = opening.value
        frames = filmed(opened, lambda: None, 2500)

    assert leaked(frames) == 0
    assert area(frames[-1], plain_colour) == 2 * SIDE * SIDE
    states = opened.evaluate("[...document.images].map(image => image.dataset.flinch ?? 'pending')")
    opened.close()
    assert states == ["pending", "shown", "covered"]


@pytest.mark.parametrize("way", ROOTS)
def test_a_page_that_gets_another_root_element_stays_covered_until_the_style_sheets_are_there(
    page: Page, browser: BrowserContext, site: Site, inner: str, plain_colour: tuple[int, int, int], way: str
) -> None:
    address = site.page("another-root", f"<script>{ROOTS[way].format(inner=inner)}</script>")

    with late_style_sheets(browser, LATE_MS):
        frames = filmed(page, lambda: open_until_judged(page, address))

    assert leaked(frames) == 0
    assert area(frames[-1], plain_colour) == 2 * SIDE * SIDE
    assert page.evaluate("document.documentElement.getAttribute('style')") is None
