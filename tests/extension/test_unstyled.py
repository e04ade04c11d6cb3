"""Pictures of SVG that no style sheet reaches: in filters, and put into an element by an animation."""

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.extension.judged import Judged
from tests.extension.screen import area, filmed, leaked, serve
from tests.extension.settings import changed
from tests.extension.site import Site


@pytest.fixture
def addresses(images: Site, plain: Judged, bait: Judged) -> dict[str, str]:
    """Return the addresses of a harmless picture, and of two in the marker's colour: triggering, never judged."""
    serve(images, plain, bait)
    return {
        "harmless": f"{images.url}/{plain.name}?unstyled",
        "triggering": f"{images.url}/{bait.name}?unstyled",
        "held": f"{images.url}/marker.png?held&unstyled",
    }


# How a filter comes to its picture; each is shown in a box of 80 x 80.
FILTERS = {
    "href": '<filter id="{name}" x="0" y="0" width="1" height="1"><feImage href="{url}"/></filter>',
    "xlink": '<filter id="{name}" x="0" y="0" width="1" height="1"><feImage xlink:href="{url}"/></filter>',
    "script": """<filter id="{name}" x="0" y="0" width="1" height="1"></filter><script>{{
        const image = document.createElementNS('http://www.w3.org/2000/svg', 'feImage');
        const filter = document.getElementById('{name}');
        setTimeout(() => {{ filter.append(image); image.setAttribute('href', '{url}') }}, 100);
    }}</script>""",
}


def filtered(how: str, addresses: dict[str, str]) -> str:
    """Return an image of SVG for each picture, painted by a filter."""
    rect = '<rect width="80" height="80" filter="url(#{name})"/>'
    return "".join(
        f'<svg width="80" height="80">{(FILTERS[how] + rect).format(name=name, url=url)}</svg>'
        for name, url in addresses.items()
    )


@pytest.mark.parametrize("how", FILTERS)
def test_a_picture_in_a_filter_is_painted_once_it_is_judged_harmless_and_never_else(
    page: Page, site: Site, addresses: dict[str, str], plain_colour: tuple[int, int, int], how: str
) -> None:
    address = site.page(f"filter-{how}", filtered(how, addresses))

    frames = filmed(page, lambda: page.goto(address), 2500)

    assert leaked(frames) == 0
    assert area(frames[-1], plain_colour) >= 78 * 78


def test_one_that_takes_its_place_is_judged_anew_and_all_are_painted_where_flinch_is_switched_off(
    page: Page,
    browser: BrowserContext,
    site: Site,
    addresses: dict[str, str],
    plain_colour: tuple[int, int, int],
) -> None:
    page.goto(site.page("filter-swap", filtered("href", {"it": addresses["harmless"]})))
    page.wait_for_selector("feImage[href]", state="attached")
    before = filmed(page, lambda: None, 300)

    swap = "url => document.querySelector('feImage').setAttribute('href', url)"
    frames = filmed(page, lambda: page.evaluate(swap, addresses["held"]), 700)
    with changed(browser, on=False):
        page.wait_for_selector("feImage[href]", state="attached")
        off = filmed(page, lambda: None, 500)
    page.wait_for_selector("feImage:not([href])", state="attached")

    assert area(before[-1], plain_colour) >= 78 * 78
    assert leaked(frames) == 0
    assert leaked(off) >= 78 * 78


# How an animation puts another picture into `<image id=it>`.
ANIMATIONS = {
    "inside": '<image {image}><set attributeName="href" to="{url}" begin="0.5s"/></image>',
    "by reference": '<image {image}/><set href="#it" attributeName="href" to="{url}"/>',
    "a list": '<image {image}><animate attributeName="href" values="{url};{url}" dur="1s" begin="0.3s"/></image>',
}


@pytest.mark.parametrize("how", ANIMATIONS)
def test_an_animation_puts_no_other_picture_in_the_place_of_a_judged_one(
    page: Page, site: Site, addresses: dict[str, str], plain_colour: tuple[int, int, int], how: str
) -> None:
    image = f'id="it" width="80" height="80" href="{addresses["harmless"]}"'
    body = f'<svg width="80" height="80">{ANIMATIONS[how].format(image=image, url=addresses["held"])}</svg>'

    frames = filmed(page, lambda: page.goto(site.page("animated", body)), 2000)

    assert leaked(frames) == 0
    assert area(frames[-1], plain_colour) >= 78 * 78
