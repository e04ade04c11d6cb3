"""What got through can be hidden, and either mistake of the model be reported with one click."""

import itertools
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.extension.browser import states
from tests.extension.controls.pill import (
    AGAIN,
    FIRST,
    HARMLESS,
    HOLD,
    TRIGGERING,
    Pill,
    command,
    press,
    reported,
    rest,
    want_reports,
)
from tests.extension.judged import Judged
from tests.extension.site import Site

NUMBERS = itertools.count()


@pytest.fixture
def shown(page: Page, site: Site, images: Site, harmless: Judged) -> Iterator[str]:
    """Open a page with a shown picture and return its address, one of its own: what the reader hides stays so."""
    number = next(NUMBERS)
    source = f"{images.url}/{harmless.name}?n=shown{number}"
    page.goto(site.page(f"controls-shown{number}", f'<img id="a" src="{source}" width="500" height="300">'))
    page.wait_for_selector("#a[data-flinch=shown]")
    yield source


def hide_by_menu(page: Page, browser: BrowserContext, at: tuple[float, float] = (250, 150)) -> None:
    """Right-click and choose "hide", which only the service worker hears of."""
    page.evaluate("addEventListener('contextmenu', event => event.preventDefault())")
    page.mouse.click(*at, button="right")
    command(browser, "hide")


def test_a_picture_that_got_through_is_hidden_by_the_menu_and_reported(
    page: Page, browser: BrowserContext, shown: str, pill: Pill
) -> None:
    want_reports(browser)

    hide_by_menu(page, browser)
    pill.wait("Undo", TRIGGERING)
    hidden = states(page)
    press(page, pill.centre(TRIGGERING))
    pill.wait("Undo")

    assert hidden == {"a": "covered"}
    assert "Thank you" in pill.text()
    assert reported(browser) == [[shown, "triggering"]]


def test_hiding_can_be_undone_with_one_click_at_once_and_later_like_any_other(
    page: Page, browser: BrowserContext, shown: str, pill: Pill
) -> None:
    hide_by_menu(page, browser)
    pill.wait("Undo")
    press(page, pill.centre("Undo"))
    pill.wait_gone()
    undone = states(page)["a"]

    hide_by_menu(page, browser)
    pill.wait("Undo")
    page.keyboard.press("Escape")
    pill.wait_gone()
    page.mouse.move(900, 600)
    page.wait_for_timeout(400)
    rest(page, "#a")
    pill.wait(HOLD)

    assert undone in {"shown", "revealed"}
    assert states(page) == {"a": "covered"}


def test_a_revealed_picture_is_reported_as_harmless_with_one_click(
    two: Page, browser: BrowserContext, images: Site, covered: Judged, pill: Pill
) -> None:
    want_reports(browser)
    rest(two, "#a")
    pill.wait(HOLD)
    press(two, pill.centre(HOLD), 900)
    pill.wait(AGAIN, HARMLESS)
    two.wait_for_timeout(600)

    press(two, pill.centre(HARMLESS))
    pill.wait(AGAIN)

    assert "Thank you" in pill.text()
    assert reported(browser) == [[f"{images.url}/{covered.name}?n=controls1", "harmless"]]


def test_without_reports_none_is_offered(two: Page, pill: Pill) -> None:
    rest(two, "#a")
    pill.wait(HOLD)
    press(two, pill.centre(HOLD), 900)

    pill.wait(AGAIN)

    assert pill.buttons() == [AGAIN]


def test_the_menu_reveals_what_was_right_clicked_and_only_that(
    two: Page, browser: BrowserContext, pill: Pill
) -> None:
    two.evaluate("addEventListener('contextmenu', event => event.preventDefault())")
    two.mouse.click(250, 150, button="right")
    command(browser, "reveal")
    pill.wait(AGAIN)
    first = states(two)

    two.mouse.click(250, 450, button="right")
    two.mouse.click(900, 600)
    command(browser, "reveal")
    two.wait_for_timeout(300)

    assert first == states(two) == FIRST
