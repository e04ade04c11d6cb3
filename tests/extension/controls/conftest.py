"""A page with two covered pictures, and what a screen reader finds of the pill on it."""

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.extension.controls.pill import Pill
from tests.extension.judged import Judged
from tests.extension.site import Site


@pytest.fixture
def pill(browser: BrowserContext, page: Page) -> Pill:
    """Return what a screen reader finds of the pill in the tab's main frame."""
    return Pill(browser, page)


@pytest.fixture
def two(page: Page, site: Site, images: Site, covered: Judged) -> Page:
    """Open a page with two covered pictures, the first of them in a link."""
    first, second = (f"{images.url}/{covered.name}?n=controls{n}" for n in (1, 2))
    style = "<style>img { display: block; width: 500px; height: 300px }</style>"
    body = f'<a id="link" href="#went"><img id="a" alt="a flower" src="{first}"></a><img id="b" src="{second}">'
    page.goto(site.page("controls-two", body, style))
    page.wait_for_function("document.querySelectorAll('img[data-flinch=covered]').length === 2")
    return page
