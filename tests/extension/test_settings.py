"""What the reader chooses holds at once, in every open page, and for no longer than it was meant."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.extension.badge import badge, tab_of, wait_for_badge
from tests.extension.browser import (
    ask_service_worker,
    close_service_worker,
    notes,
    open_extension_page,
    seen_plainly,
    seen_unjudged,
    states,
    wait_until_settled,
)
from tests.extension.judged import Judged
from tests.extension.site import Site

LOUD = "<style>@layer top { img { opacity: 1 !important; filter: none !important } }</style>"


@pytest.fixture(autouse=True)
def as_installed(browser: BrowserContext) -> Iterator[None]:
    """Give every test the settings of a fresh install."""
    yield
    ask_service_worker(browser, "Promise.all([chrome.storage.sync.clear(), chrome.storage.session.clear()])")


@pytest.fixture
def both(site: Site, images: Site, covered: Judged, harmless: Judged) -> str:
    """Serve a page with a picture of either verdict and return its address."""
    one, two = f"{images.url}/{covered.name}?n=both", f"{images.url}/{harmless.name}?n=both"
    return site.page("both", f'<img id="one" src="{one}" width="200"><img id="two" src="{two}" width="200">', LOUD)


def choose(context: BrowserContext, **settings: Any) -> None:
    ask_service_worker(context, "settings => chrome.storage.sync.set(settings)", settings)


def wait_until_seen(page: Page, name: str) -> None:
    """Wait until nothing hides or blurs an image; the page's own rules count again."""
    page.wait_for_function(
        """id => {
            const { opacity, filter, objectPosition } = getComputedStyle(document.getElementById(id));
            return opacity === "1" && filter === "none" && objectPosition === "50% 50%";
        }""",
        arg=name,
    )


def wait_until_covered(page: Page, name: str) -> None:
    page.wait_for_selector(f"#{name}[data-flinch=covered]", state="attached")
    page.wait_for_function("id => getComputedStyle(document.getElementById(id)).filter !== 'none'", arg=name)


def test_a_site_that_is_switched_off_shows_its_pictures_at_once_and_covers_them_again(
    page: Page, browser: BrowserContext, both: str
) -> None:
    page.goto(both)
    wait_until_covered(page, "one")
    popup = open_extension_page(browser, f"popup.html?tab={tab_of(browser, page)}")
    switch = popup.get_by_role("switch", name="Cover pictures on 127.0.0.1")

    switch.uncheck()
    wait_until_seen(page, "one")
    wait_for_badge(browser, page, "off")
    switch.check()
    wait_until_covered(page, "one")
    wait_for_badge(browser, page, "1")
    popup.close()

    looks = [n["seen"] for n in notes(page) if n["id"] == "one" and n["when"] == "before" and n["seen"] != "no"]
    assert [look for look, _ in groupby(looks)] == ["blurred", "plain", "blurred"]


def test_a_page_that_begins_on_an_allowed_site_is_left_alone(
    page: Page, browser: BrowserContext, site: Site, both: str
) -> None:
    choose(browser, allowed=["127.0.0.1"])
    outer = site.page("outer-off", f'<iframe src="{both}"></iframe>')

    page.goto(outer)
    page.frames[1].wait_for_function(
        "() => [...document.images].every(i => i.complete && getComputedStyle(i).opacity === '1')"
    )

    assert page.frames[1].evaluate("getComputedStyle(document.images[0]).filter") == "none"
    assert page.evaluate("document.documentElement.hasAttribute('data-flinch-off')")
    assert page.evaluate("getComputedStyle(document.documentElement).opacity") == "1"


def test_a_frame_of_an_allowed_site_in_another_is_covered(
    page: Page, browser: BrowserContext, images: Site, both: str
) -> None:
    choose(browser, allowed=["127.0.0.1"])

    page.goto(images.page("embedding", f'<iframe src="{both}"></iframe>'))
    page.frames[1].wait_for_selector("#one[data-flinch=covered]", state="attached")

    assert seen_unjudged(page) == []


def test_switching_off_and_on_altogether_reaches_every_tab(
    page: Page, browser: BrowserContext, site: Site, both: str
) -> None:
    other = browser.new_page()
    for one in (page, other):
        one.goto(both)
        wait_until_covered(one, "one")

    choose(browser, on=False)
    for one in (page, other):
        wait_until_seen(one, "one")
    choose(browser, on=True)
    for one in (page, other):
        wait_until_covered(one, "one")
    other.close()


def test_a_page_that_began_while_off_is_covered_when_the_reader_switches_on(
    page: Page, browser: BrowserContext, both: str
) -> None:
    choose(browser, on=False)
    page.goto(both)
    wait_until_seen(page, "one")

    choose(browser, on=True)

    # The page has rules of its own that only a user style sheet beats.
    wait_until_covered(page, "one")


def test_switching_off_takes_every_style_sheet_away_from_a_page_that_had_to_ask_again(
    page: Page, browser: BrowserContext, site: Site
) -> None:
    # The user's sheets are on everything, lest a background is painted; without them a page sees its own values.
    page.goto(site.page("again", "<p id='one'>a page</p>"))
    size = "getComputedStyle(one).backgroundSize"
    page.wait_for_function(f"{size} === '0px 0px'")

    for _ in range(2):
        ask_service_worker(browser, "chrome.offscreen.closeDocument()")
        wait_for_offscreen(browser)
    choose(browser, on=False)
    page.wait_for_function(f"{size} === 'auto'")
    choose(browser, on=True)

    page.wait_for_function(f"{size} === '0px 0px'")


def wait_for_offscreen(context: BrowserContext) -> None:
    """Wait until pages have had the offscreen document opened anew, and some time for their questions."""
    for _ in range(100):
        if ask_service_worker(context, "chrome.runtime.getContexts({ contextTypes: ['OFFSCREEN_DOCUMENT'] })"):
            break
        context.pages[0].wait_for_timeout(100)
    context.pages[0].wait_for_timeout(500)


def test_a_pause_shows_everything_and_ends_by_itself(page: Page, browser: BrowserContext, both: str) -> None:
    page.goto(both)
    wait_until_covered(page, "one")
    popup = open_extension_page(browser, f"popup.html?tab={tab_of(browser, page)}")

    popup.get_by_role("button", name="Pause for 10 minutes").click()
    wait_until_seen(page, "one")
    expect(popup.locator("#status")).to_contain_text("Paused until")
    lasts = ask_service_worker(
        browser, "chrome.alarms.get('pause').then(alarm => alarm.scheduledTime - Date.now())"
    )
    # The end of the pause is a time in the store; this brings it forward, and a real alarm rings at it.
    ask_service_worker(browser, "chrome.storage.session.set({ pausedUntil: Date.now() + 1500 })")
    page.wait_for_timeout(500)
    wait_until_seen(page, "one")
    close_service_worker(browser, page)
    wait_until_covered(page, "one")

    assert 590_000 < lasts <= 600_000
    expect(popup.get_by_role("button", name="Pause for 10 minutes")).to_be_visible()
    expect(popup.locator("#status")).to_have_text("1 picture is covered on this page.")
    popup.close()


def test_a_pause_is_ended_by_a_second_press(page: Page, browser: BrowserContext, both: str) -> None:
    page.goto(both)
    wait_until_covered(page, "one")
    popup = open_extension_page(browser, f"popup.html?tab={tab_of(browser, page)}")

    popup.get_by_role("button", name="Pause for 10 minutes").click()
    wait_until_seen(page, "one")
    popup.get_by_role("button", name="Cover pictures again now").click()
    wait_until_covered(page, "one")
    popup.close()

    assert ask_service_worker(browser, "chrome.alarms.get('pause')") is None


def test_the_cover_follows_the_chosen_style(page: Page, browser: BrowserContext, both: str) -> None:
    page.goto(both)
    wait_until_covered(page, "one")

    for style in ("solid", "pastel"):
        choose(browser, cover=style)
        page.wait_for_selector(f"#one[data-flinch-cover={style}]", state="attached")

    assert seen_plainly(page, page.evaluate("one.currentSrc")) == []


def test_the_badge_counts_the_covered_pictures_of_all_frames(
    page: Page, browser: BrowserContext, site: Site, images: Site, covered: Judged, both: str
) -> None:
    one = f"{images.url}/{covered.name}?n=badge"
    page.goto(site.page("badge", f'<img src="{one}"><iframe src="{both}"></iframe>'))

    wait_for_badge(browser, page, "2")
    title = ask_service_worker(browser, "tabId => chrome.action.getTitle({ tabId })", tab_of(browser, page))
    ask_service_worker(browser, "chrome.offscreen.closeDocument()")
    wait_for_offscreen(browser)
    close_service_worker(browser, page)
    # Both counts outlive the worker and a broken line: one more is added to two.
    page.evaluate("source => { const i = new Image(); i.src = source; document.body.append(i) }", f"{one}&again")
    wait_for_badge(browser, page, "3")
    page.evaluate("document.querySelector('iframe').remove()")
    wait_for_badge(browser, page, "2")

    assert title == "Flinch: pictures covered on this page: 2"
    # A frame that died without a word.
    key = f"count:{tab_of(browser, page)}"
    ask_service_worker(browser, "key => chrome.storage.session.set({ [key]: { 99: 4 } })", key)
    page.goto(site.page("nothing", "<p>no picture</p>"))
    wait_for_badge(browser, page, "")
    page.wait_for_timeout(500)
    assert ask_service_worker(browser, "key => chrome.storage.session.get(key)", key) == {}


def test_the_badge_can_be_switched_off(page: Page, browser: BrowserContext, both: str) -> None:
    page.goto(both)
    wait_for_badge(browser, page, "1")

    choose(browser, badge=False)
    wait_for_badge(browser, page, "")
    page.reload()
    wait_until_covered(page, "one")
    page.wait_for_timeout(500)

    assert badge(browser, page) == ""


def test_the_context_menu_shows_and_hides_what_was_clicked(page: Page, browser: BrowserContext, both: str) -> None:
    page.goto(both)
    wait_until_settled(page, 2)
    wait_until_covered(page, "one")

    for name, item in [("one", "reveal"), ("two", "hide")]:
        page.locator(f"#{name}").click(button="right", force=True)
        click_menu(browser, page, item)
    wait_until_seen(page, "one")
    wait_until_covered(page, "two")

    assert states(page) == {"one": "revealed", "two": "covered"}


def click_menu(context: BrowserContext, page: Page, item: str) -> None:
    """Tell the service worker what Chromium would tell it: a menu itself cannot be clicked from outside."""
    script = """([menuItemId, tabId]) => chrome.contextMenus.onClicked.dispatch(
        { menuItemId, frameId: 0, editable: false, pageUrl: "" }, { id: tabId })"""
    ask_service_worker(context, script, [item, tab_of(context, page)])


def test_settings_that_nobody_can_read_are_the_careful_ones(page: Page, browser: BrowserContext, both: str) -> None:
    choose(browser, on="no", allowed={"127.0.0.1": True}, strictness=7, cover=[])

    page.goto(both)
    wait_until_covered(page, "one")

    assert seen_unjudged(page) == []
