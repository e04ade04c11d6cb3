"""Shadow roots of every kind: what is in them is hidden, judged and shown like anything else."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.extension.badge import wait_for_badge
from tests.extension.browser import close_service_worker
from tests.extension.judged import Judged
from tests.extension.screen import MARKER, area, filmed, flat, leaked
from tests.extension.site import Site

# What a page says of its pictures when it wants to win.
LOUD = "opacity: 1 !important; object-position: 0 0 !important; background-size: 60px 60px !important"

# How a shadow root comes to be, around `inner`, inside of `<x-host id=host>`; the element is on the page already.
WAYS = {
    "open": "host.attachShadow({ mode: 'open' }).innerHTML = inner",
    "closed": "host.attachShadow({ mode: 'closed' }).innerHTML = inner",
    "nested": """const outer = host.attachShadow({ mode: 'closed' });
        outer.innerHTML = '<section></section>';
        outer.firstChild.attachShadow({ mode: 'closed' }).innerHTML = inner""",
    "late": "setTimeout(() => { host.attachShadow({ mode: 'closed' }).innerHTML = inner }, 300)",
    "filled piece by piece": """const root = host.attachShadow({ mode: 'closed' });
        root.innerHTML = inner;
        const all = [...root.childNodes];
        root.replaceChildren();
        const add = () => { if (all.length > 0) { root.append(all.shift()); requestAnimationFrame(add) } };
        add()""",
    "custom element": """customElements.define('x-host', class extends HTMLElement {
        constructor() { super(); this.attachShadow({ mode: 'closed' }).innerHTML = inner } })""",
    "custom element, made by a script": """customElements.define('x-made', class extends HTMLElement {
        constructor() { super(); this.attachShadow({ mode: 'closed' }).innerHTML = inner } });
        document.body.append(document.createElement('x-made'))""",
    "setHTMLUnsafe": """host.setHTMLUnsafe(
        '<div><template shadowrootmode="closed">' + inner + '</template></div>')""",
    "cloned": """const holder = document.createElement('template');
        const root = '<template shadowrootmode="closed" shadowrootclonable>';
        holder.setHTMLUnsafe('<div>' + root + inner + '</template></div>');
        host.append(document.importNode(holder.content, true))""",
    "style sheets of its own": """const root = host.attachShadow({ mode: 'open' });
        root.innerHTML = inner;
        setTimeout(() => { root.adoptedStyleSheets = [new CSSStyleSheet()] }, 300)""",
}


@pytest.fixture
def inner(images: Site, plain: Judged, bait: Judged) -> Iterator[str]:
    """Return what the roots hold: images and backgrounds, harmless, triggering, and never judged."""
    images.put("marker.png", flat(MARKER))
    for picture in (plain, bait):
        images.put(picture.name, picture.data)
    held, harmless = f"{images.url}/marker.png?held&root", f"{images.url}/{plain.name}?root"
    triggering = f"{images.url}/{bait.name}?root"
    yield f"""<style>
            @layer top {{ img, div {{ {LOUD} }} }}
            div {{ width: 60px; height: 60px; background: url({held}) !important }}
            #harmless {{ background-image: url({harmless}) !important }}
            #triggering {{ background-image: url({triggering}) !important }}
        </style>
        <div style="background: url({held}) !important; {LOUD}"></div><div></div>
        <div id="harmless"></div><div id="triggering"></div>
        <img src="{held}" width="60" height="60" style="{LOUD}"><img src="{harmless}" width="60" height="60">
        <img src="{triggering}" width="60" height="60" style="{LOUD}">
    """.replace("\n", " ")


def open_until_judged(page: Page, address: str) -> None:
    """Open a page and wait until both triggering pictures are covered; the others are judged about then."""
    page.goto(address)
    wait_for_badge(page.context, page, "2")


@pytest.mark.parametrize("way", WAYS)
def test_pictures_in_a_shadow_root_are_shown_once_they_are_judged_and_never_before(
    page: Page, site: Site, inner: str, plain_colour: tuple[int, int, int], way: str
) -> None:
    body = f"<x-host id='host'></x-host><script>const inner = `{inner}`; {WAYS[way]}</script>"
    address = site.page("root", body)

    frames = filmed(page, lambda: open_until_judged(page, address))

    # The triggering one is of the marker's colour, too.
    assert leaked(frames) == 0
    assert area(frames[-1], plain_colour) == 2 * 60 * 60


@pytest.mark.parametrize("mode", ["open", "closed"])
def test_so_are_those_in_a_root_that_the_markup_declares(
    page: Page, site: Site, inner: str, plain_colour: tuple[int, int, int], mode: str
) -> None:
    address = site.page("declared", f'<main><template shadowrootmode="{mode}">{inner}</template></main>')

    # In two halves, so that the parser rests somewhere in between.
    frames = filmed(page, lambda: open_until_judged(page, f"{address}?drip=0.3"))

    # The triggering one is of the marker's colour, too.
    assert leaked(frames) == 0
    assert area(frames[-1], plain_colour) == 2 * 60 * 60


def test_so_are_those_that_were_styled_before_the_service_worker_woke(
    page: Page, browser: BrowserContext, site: Site, inner: str, plain_colour: tuple[int, int, int]
) -> None:
    body = f"<p id='host'></p><script>const inner = `{inner}`; {WAYS['closed']}; host.offsetWidth</script>"
    address = site.page("asleep-root", body)
    close_service_worker(browser, page)

    frames = filmed(page, lambda: open_until_judged(page, address))

    # The triggering one is of the marker's colour, too.
    assert leaked(frames) == 0
    assert area(frames[-1], plain_colour) == 2 * 60 * 60


def test_a_page_cannot_tell_that_its_functions_were_wrapped_and_its_roots_work_as_before(
    page: Page, site: Site
) -> None:
    page.goto(site.page("wrapped", "<p id='host'></p>"))

    found = page.evaluate(
        """() => {
            const root = host.attachShadow({ mode: 'open' });
            const sheet = new CSSStyleSheet();
            root.adoptedStyleSheets = [sheet];
            let refused = '';
            try { host.attachShadow({ mode: 'open' }) } catch (error) { refused = error.name }
            const { set } = Object.getOwnPropertyDescriptor(ShadowRoot.prototype, 'adoptedStyleSheets');
            return [
                host.shadowRoot === root, root.adoptedStyleSheets.includes(sheet), refused,
                String(set).includes('[native code]'),
            ];
        }"""
    )

    assert found == [True, True, "NotSupportedError", True]
