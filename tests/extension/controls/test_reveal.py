"""A covered picture is shown when the reader means it, and never by accident."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from tests.extension.browser import assemble, browser_with, states
from tests.extension.conftest import DIST
from tests.extension.controls.pill import AGAIN, ARMED, BOTH, FIRST, HOLD, Pill, press, rest, send
from tests.extension.judged import Judged
from tests.extension.site import Site
from tests.extension.test_failures import reload_extension


def test_the_pill_comes_when_the_pointer_rests_and_goes_with_it(two: Page, pill: Pill) -> None:
    rest(two, "#a")
    pill.wait(HOLD)
    label, text = pill.label(), pill.text()

    two.mouse.move(900, 600)
    pill.wait_gone()

    assert label == "Covered picture 1 of 2: a flower"
    assert text.startswith("Flinch covered this picture.")
    assert two.evaluate("document.documentElement.children.length") == 2


def test_what_is_clicked_on_the_picture_is_the_pages(two: Page, pill: Pill) -> None:
    two.evaluate("() => { clicks = []; document.onclick = e => clicks.push(e.target.id) }")
    rest(two, "#a")
    pill.wait(HOLD)

    two.mouse.dblclick(250, 110)

    assert two.evaluate("clicks") == ["a", "a"]
    assert two.url.endswith("#went")
    assert states(two) == BOTH


def hold_too_short(page: Page, pill: Pill) -> None:
    press(page, pill.centre(HOLD), 100)


def click_twice_at_once(page: Page, pill: Pill) -> None:
    page.mouse.dblclick(*pill.centre(HOLD))


def hail_of_clicks(page: Page, pill: Pill) -> None:
    page.mouse.move(*pill.centre(HOLD))
    for _ in range(12):
        page.mouse.click(*pill.centre(pill.buttons()[0]), delay=10)


def press_with_another_button(page: Page, pill: Pill) -> None:
    page.mouse.move(*pill.centre(HOLD))
    page.mouse.down(button="middle")
    page.wait_for_timeout(800)
    page.mouse.up(button="middle")


def drag_off(page: Page, pill: Pill) -> None:
    page.mouse.move(*pill.centre(HOLD))
    page.mouse.down()
    page.mouse.move(100, 60, steps=4)
    page.wait_for_timeout(800)
    page.mouse.up()


def drag_on(page: Page, pill: Pill) -> None:
    button = pill.centre(HOLD)
    page.mouse.move(250, 110)
    page.mouse.down()
    page.mouse.move(*button, steps=4)
    page.wait_for_timeout(800)
    page.mouse.up()


def hold_a_key(page: Page, pill: Pill) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert pill.focused() == HOLD
    for _ in range(20):
        page.keyboard.down("Enter")
        page.wait_for_timeout(50)
    page.keyboard.up("Enter")


@pytest.mark.parametrize(
    "accident",
    [
        hold_too_short,
        click_twice_at_once,
        hail_of_clicks,
        press_with_another_button,
        drag_off,
        drag_on,
        hold_a_key,
    ],
)
def test_no_accident_reveals_anything(two: Page, pill: Pill, accident: Callable[[Page, Pill], None]) -> None:
    rest(two, "#a")
    pill.wait(HOLD)

    two.evaluate(
        """() => {
            seen = new Set();
            const look = () => document.querySelectorAll('img').forEach(image => seen.add(image.dataset.flinch));
            new MutationObserver(look).observe(document.body, { subtree: true, attributes: true });
            look();
        }"""
    )
    accident(two, pill)
    two.wait_for_timeout(800)

    assert two.evaluate("[...seen]") == ["covered"]


def test_holding_the_button_long_enough_reveals_this_picture_and_no_other(two: Page, pill: Pill) -> None:
    rest(two, "#a")
    pill.wait(HOLD)

    press(two, pill.centre(HOLD), 900)
    pill.wait(AGAIN)

    assert states(two) == FIRST
    assert pill.label() == "Picture: a flower"
    assert not two.url.endswith("#went")


def test_two_deliberate_clicks_reveal(two: Page, pill: Pill) -> None:
    rest(two, "#a")
    pill.wait(HOLD)

    press(two, pill.centre(HOLD))
    pill.wait(ARMED)
    two.wait_for_timeout(600)
    press(two, pill.centre(ARMED))
    pill.wait(AGAIN)

    assert states(two) == FIRST


def test_a_first_click_is_forgotten_after_a_while(two: Page, pill: Pill) -> None:
    rest(two, "#a")
    pill.wait(HOLD)
    press(two, pill.centre(HOLD))
    pill.wait(ARMED)

    pill.wait(HOLD)

    assert states(two) == BOTH


def test_fingers_hold_too(two: Page, pill: Pill) -> None:
    pill.touch("touchStart", (250, 150))
    pill.touch("touchEnd")
    two.evaluate("window.scrollTo(0, 0)")
    pill.wait(HOLD)
    button = pill.centre(HOLD)

    pill.touch("touchStart", button)
    two.wait_for_timeout(300)
    pill.touch("touchEnd")
    pill.wait(ARMED)
    early = states(two)
    pill.touch("touchStart", button)
    two.wait_for_timeout(900)
    pill.touch("touchEnd")
    pill.wait(AGAIN)

    assert early == BOTH
    assert states(two) == FIRST


def test_the_pill_never_lies_under_the_pointer_that_brought_it(two: Page, pill: Pill) -> None:
    for x, y in [(20, 20), (250, 150), (250, 290), (500, 300), (30, 296)]:
        two.mouse.move(900, 600)
        pill.wait_gone()
        two.mouse.move(x, y)
        pill.wait(HOLD)

        left, top, right, bottom = pill.box()

        assert not (left - 10 <= x <= right + 10 and top - 10 <= y <= bottom + 10)


def test_the_pill_follows_its_picture_and_goes_with_it(two: Page, pill: Pill) -> None:
    two.evaluate("document.body.style.height = '3000px'")
    rest(two, "#b")
    pill.wait(HOLD)
    before = pill.box()

    two.mouse.wheel(0, 120)
    two.wait_for_timeout(500)
    after = pill.box()
    two.evaluate("b.remove()")
    pill.wait_gone()

    assert before[1] - after[1] == pytest.approx(120, abs=2)


def test_escape_sends_the_pill_away_until_the_pointer_comes_back(two: Page, pill: Pill) -> None:
    rest(two, "#a")
    pill.wait(HOLD)

    two.keyboard.press("Escape")
    pill.wait_gone()
    two.mouse.move(240, 100)
    away = pill.stays_away()
    two.mouse.move(900, 600)
    two.wait_for_timeout(400)
    rest(two, "#a")
    pill.wait(HOLD)

    assert away


def test_hide_again_covers_what_was_revealed(two: Page, pill: Pill) -> None:
    rest(two, "#a")
    pill.wait(HOLD)
    press(two, pill.centre(HOLD), 900)
    pill.wait(AGAIN)
    two.wait_for_timeout(600)

    press(two, pill.centre(AGAIN))
    pill.wait(HOLD)

    assert states(two) == BOTH


def test_a_picture_that_could_not_be_judged_says_why_and_can_be_tried_again(
    page: Page, site: Site, images: Site, covered: Judged, pill: Pill
) -> None:
    images.put("broken.png", b"\x89PNG and no more")
    page.goto(
        site.page("controls-retry", f'<img id="a" src="{images.url}/broken.png?n=retry" width="400" height="300">')
    )
    page.wait_for_selector("#a[data-flinch=hidden]")
    rest(page, "#a")
    pill.wait("Try again", HOLD)
    says = pill.text()

    press(page, pill.centre("Try again"))
    page.wait_for_timeout(300)
    pill.wait("Try again", HOLD)
    press(page, pill.centre(HOLD), 900)
    pill.wait(AGAIN)

    assert says.startswith("Hidden by Flinch: the picture could not be loaded")
    assert states(page) == {"a": "revealed"}


def test_switched_off_there_is_no_pill(two: Page, browser: BrowserContext, pill: Pill) -> None:
    rest(two, "#a")
    pill.wait(HOLD)

    off = {"on": False, "strictness": "balanced", "cover": "blur", "canvases": False, "reports": False}
    send(browser, {"type": "policy", "policy": off})
    pill.wait_gone()
    two.mouse.move(240, 100)

    assert pill.stays_away()


def test_when_the_extension_was_updated_under_the_page_the_pill_says_so_and_shows_what_is_wanted(
    playwright: Playwright, site: Site, images: Site, harmless: Judged, bundle: Path, tmp_path: Path
) -> None:
    with browser_with(playwright, assemble(DIST, bundle, tmp_path / "e"), tmp_path / "profile") as context:
        page = context.new_page()
        page.goto(site.page("controls-updated", "<p>words</p>"))
        page.wait_for_timeout(1000)
        reload_extension(context, page)
        source = f"{images.url}/{harmless.name}?n=controls-new"
        page.evaluate("s => { document.body.innerHTML = `<img id=a width=500 height=300 src=${s}>` }", source)
        page.wait_for_selector("#a[data-flinch=hidden]")
        pill = Pill(context, page)

        rest(page, "#a")
        pill.wait(HOLD)
        says = pill.text()
        press(page, pill.centre(HOLD), 900)
        pill.wait(AGAIN)

        assert says.startswith("Hidden by Flinch: Flinch was updated; please reload the page")
        assert states(page) == {"a": "revealed"}
