"""The reader's controls: what is covered is shown when the reader means it, and never by accident or by a page."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.extension.browser import states
from tests.extension.conftest import ROOT
from tests.extension.judged import Judged
from tests.extension.pill import AXE, Pill, command, reported, send, want_reports
from tests.extension.site import Site

HOLD, ARMED, AGAIN = "Hold to show", "Press again to show", "Hide again"
HARMLESS, TRIGGERING = "Report as harmless", "Report as triggering"


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
    page.goto(site.page("two", body, style))
    page.wait_for_function("document.querySelectorAll('img[data-flinch=covered]').length === 2")
    return page


NUMBERS = itertools.count()
BOTH = {"a": "covered", "b": "covered"}
FIRST = {"a": "revealed", "b": "covered"}


def rest(page: Page, selector: str) -> None:
    """Move the pointer into an element and let it rest."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2 - 3, box["y"] + box["height"] / 3)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)


def press(page: Page, at: tuple[float, float], milliseconds: float = 40) -> None:
    """Press the mouse at a place and let it go after a while."""
    page.mouse.move(*at)
    page.mouse.down()
    page.wait_for_timeout(milliseconds)
    page.mouse.up()


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
    press(page, pill.centre(HOLD), 350)


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

    accident(two, pill)
    two.wait_for_timeout(800)

    assert states(two) == BOTH


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


def test_the_pill_never_lies_under_the_pointer_that_brought_it(two: Page, pill: Pill) -> None:
    for x, y in [(20, 20), (250, 150), (250, 290), (500, 300), (30, 296)]:
        two.mouse.move(900, 600)
        pill.wait_gone()
        two.mouse.move(x, y)
        pill.wait(HOLD)

        left, top, right, bottom = pill.box()

        assert not (left - 10 <= x <= right + 10 and top - 10 <= y <= bottom + 10)


def test_the_keyboard_reaches_the_pill_through_the_link_and_leaves_it_behind(two: Page, pill: Pill) -> None:
    two.evaluate("document.body.insertAdjacentHTML('beforeend', '<button id=after>after</button>')")

    two.keyboard.press("Tab")
    pill.wait(HOLD)
    outside = pill.focused()
    two.keyboard.press("Tab")
    inside = pill.focused()
    two.keyboard.press("Tab")
    pill.wait_gone()

    assert (outside, inside) == (None, HOLD)
    assert two.evaluate("document.activeElement.id") == "after"


def test_enter_arms_enter_again_reveals_and_escape_leads_back(two: Page, pill: Pill) -> None:
    two.focus("#link")
    two.keyboard.press("Shift")
    command(two.context, "next")
    pill.wait(HOLD)

    two.keyboard.press("Enter")
    pill.wait(ARMED)
    two.wait_for_timeout(600)
    two.keyboard.press("Space")
    pill.wait(AGAIN)
    focused = pill.focused()
    two.keyboard.press("Escape")
    pill.wait_gone()

    assert focused == AGAIN
    assert states(two) == FIRST
    assert two.evaluate("document.activeElement.id") == "link"


def test_next_goes_through_all_covered_pictures_and_round(
    page: Page, browser: BrowserContext, site: Site, images: Site, covered: Judged, harmless: Judged, pill: Pill
) -> None:
    sources = [f"{images.url}/{name}?n=next" for name in (covered.name, harmless.name)]
    style = "<style>img { display: block; height: 300px; margin-bottom: 1500px }</style>"
    first = f'<img alt="one" src="{sources[0]}"><img alt="harmless" src="{sources[1]}"><p id="host"></p>'
    body = f'<script>shadow = "<img alt=two src={sources[0]}>"</script>{first}<img alt="three" src="{sources[0]}">'
    attach = "<script>host.attachShadow({ mode: 'closed' }).innerHTML = shadow</script>"
    page.goto(site.page("next", body + attach, style))
    page.wait_for_function("document.querySelectorAll('img[data-flinch]').length === 3")
    page.wait_for_timeout(1000)

    heard = []
    for _ in range(4):
        command(browser, "next")
        page.wait_for_timeout(300)
        pill.wait(HOLD)
        heard.append((pill.label(), pill.focused()))

    numbers = [(1, "one"), (2, "two"), (3, "three"), (1, "one")]
    assert heard == [(f"Covered picture {number} of 3: {name}", HOLD) for number, name in numbers]


def test_next_says_so_where_nothing_is_covered(page: Page, browser: BrowserContext, site: Site, pill: Pill) -> None:
    page.goto(site.page("none", "<p>words</p>"))
    page.wait_for_timeout(500)

    command(browser, "next")
    page.wait_for_timeout(500)

    assert pill.text().startswith("No covered pictures here.")


def test_synthetic_events_reveal_nothing(two: Page, pill: Pill) -> None:
    rest(two, "#a")
    pill.wait(HOLD)
    x, y = pill.centre(HOLD)

    two.evaluate(
        """async ([x, y]) => {
            const host = document.documentElement.lastElementChild;
            const at = { clientX: x, clientY: y, bubbles: true, composed: true, isPrimary: true, detail: 0 };
            const targets = [host, document.elementFromPoint(x, y), document, window];
            const press = () => targets.forEach(target => {
                for (const type of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'])
                    target.dispatchEvent(new (type.startsWith('pointer') ? PointerEvent : MouseEvent)(type, at));
                for (const key of ['Enter', ' '])
                    target.dispatchEvent(new KeyboardEvent('keydown', { ...at, key }));
                target.dispatchEvent(new PointerEvent('pointerdown', at));
            });
            host.focus();
            press();
            host.click();
            await new Promise(resolve => setTimeout(resolve, 800));
            press();
            host.click();
            await new Promise(resolve => setTimeout(resolve, 800));
        }""",
        [x, y],
    )

    assert states(two) == BOTH
    assert pill.buttons() == [HOLD]


@pytest.mark.parametrize(
    "attack",
    [
        "host.remove()",
        "host.hidePopover()",
        "host.inert = true; host.hidden = true; host.style = 'display: none !important; opacity: 0 !important'",
        "host.removeAttribute('popover')",
        "document.querySelector('a').append(host)",
    ],
)
def test_a_page_that_tampers_with_the_pill_does_not_get_rid_of_it(two: Page, pill: Pill, attack: str) -> None:
    stop = "addEventListener('beforetoggle', event => event.preventDefault(), true)"
    two.evaluate(stop)
    rest(two, "#a")
    pill.wait(HOLD)

    two.evaluate(f"() => {{ const host = document.documentElement.lastElementChild; {attack} }}")
    two.wait_for_timeout(200)
    pill.wait(HOLD)
    press(two, pill.centre(HOLD), 900)
    pill.wait(AGAIN)

    assert states(two) == FIRST


def test_neither_the_style_nor_the_policy_of_a_page_reaches_the_pill(
    page: Page, site: Site, images: Site, covered: Judged, pill: Pill
) -> None:
    loud = ["opacity: 0.1", "color: red", "transform: rotate(40deg)", "zoom: 3", "display: inline"]
    loud += ["filter: blur(9px)", "font: 99px serif", "all: unset", "transition: all 9s", "visibility: hidden"]
    every = "; ".join(f"{one} !important" for one in loud)
    visible = "display: block !important; visibility: visible !important"
    style = f"<style>html > *, div, * {{ {every} }} img {{ {visible} }}</style>"
    policy = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'; "
    policy += "img-src *; require-trusted-types-for 'script'\">"
    strict = policy.replace("style-src 'unsafe-inline'; ", "")
    body = f'<img id="a" src="{images.url}/{covered.name}?n=style" width="500" height="300">'
    found = []
    for name, head in [("plain", ""), ("styled", policy + style), ("strict", strict)]:
        page.mouse.move(900, 600)
        page.goto(site.page(f"style-{name}", body, head))
        page.wait_for_selector("#a[data-flinch=covered]")
        rest(page, "#a")
        pill.wait(HOLD)
        left, top, right, bottom = pill.box()
        looks = [pill.style(style) for style in ("color", "opacity", "font-size", "background-color", "position")]
        found.append((round(right - left), round(bottom - top), looks))

    assert found[0] == found[1] == found[2]
    assert found[0][2] == ["rgb(27, 27, 31)", "1", "16px", "rgb(255, 255, 255)", "fixed"]


def test_a_page_hears_nothing_of_what_the_reader_does_in_the_pill(two: Page, pill: Pill) -> None:
    two.evaluate(
        """() => {
            heard = [];
            const types = ['pointerdown', 'mousedown', 'mouseup', 'click', 'keydown', 'keyup', 'focusin', 'toggle'];
            for (const type of types) window.addEventListener(type, event => heard.push(type), true);
        }"""
    )
    command(two.context, "next")
    pill.wait(HOLD)
    press(two, pill.centre(HOLD))
    pill.wait(ARMED)
    two.keyboard.press("ArrowDown")
    two.wait_for_timeout(600)
    two.keyboard.press("Enter")
    pill.wait(AGAIN)

    assert two.evaluate("heard") == []


def test_hide_again_covers_what_was_revealed(two: Page, pill: Pill) -> None:
    rest(two, "#a")
    pill.wait(HOLD)
    press(two, pill.centre(HOLD), 900)
    pill.wait(AGAIN)
    two.wait_for_timeout(600)

    press(two, pill.centre(AGAIN))
    pill.wait(HOLD)

    assert states(two) == BOTH


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


@pytest.fixture
def shown(page: Page, site: Site, images: Site, harmless: Judged) -> Iterator[str]:
    """Open a page with a shown picture and return its address, one of its own: what the reader hides stays so."""
    source = f"{images.url}/{harmless.name}?n=shown{next(NUMBERS)}"
    page.goto(site.page("shown", f'<img id="a" src="{source}" width="500" height="300">'))
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


def test_without_reports_none_is_offered(two: Page, pill: Pill) -> None:
    rest(two, "#a")
    pill.wait(HOLD)
    press(two, pill.centre(HOLD), 900)

    pill.wait(AGAIN)

    assert pill.buttons() == [AGAIN]


def test_a_picture_that_could_not_be_judged_says_why_and_can_be_tried_again(
    page: Page, site: Site, images: Site, covered: Judged, pill: Pill
) -> None:
    images.put("broken.png", b"\x89PNG and no more")
    page.goto(site.page("retry", f'<img id="a" src="{images.url}/broken.png?n=retry" width="400" height="300">'))
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


def test_the_pill_works_in_a_closed_shadow_root(
    page: Page, site: Site, images: Site, covered: Judged, pill: Pill
) -> None:
    source = f"{images.url}/{covered.name}?n=closed"
    inner = f"<img src={source} width=400 height=300>"
    script = f"<script>(root = host.attachShadow({{ mode: 'closed' }})).innerHTML = '{inner}'</script>"
    page.goto(site.page("closed-root", f'<div id="host"></div>{script}'))
    page.wait_for_function("root.querySelector('[data-flinch=covered]')")

    page.mouse.move(200, 120)
    pill.wait(HOLD)
    press(page, pill.centre(HOLD), 900)
    pill.wait(AGAIN)

    assert page.evaluate("root.querySelector('img').dataset.flinch") == "revealed"


def test_a_frame_has_a_pill_of_its_own(
    page: Page, browser: BrowserContext, site: Site, images: Site, covered: Judged
) -> None:
    inner = f"<img id='a' src='{images.url}/{covered.name}?n=inframe' width='400' height='300'>"
    page.goto(site.page("inframe", f'<iframe srcdoc="{inner}" width="500" height="400"></iframe>'))
    page.frames[1].wait_for_selector("#a[data-flinch=covered]")
    pill = Pill(browser, page, frame=0)

    page.mouse.move(200, 120)
    pill.wait(HOLD)
    press(page, pill.centre(HOLD), 900)
    pill.wait(AGAIN)

    assert page.frames[1].evaluate("a.dataset.flinch") == "revealed"


def test_only_the_frame_that_has_the_keyboard_follows_next(
    page: Page, browser: BrowserContext, site: Site, images: Site, covered: Judged, pill: Pill
) -> None:
    source = f"{images.url}/{covered.name}?n=which"
    inner = f"<button id='b'>b</button><img src='{source}' width='400' height='300'>"
    body = (
        f'<img src="{source}" width="300" height="200"><iframe srcdoc="{inner}" width="500" height="400"></iframe>'
    )
    page.goto(site.page("which", body))
    page.frames[1].wait_for_selector("img[data-flinch=covered]")
    page.frames[1].focus("#b")
    inside = Pill(browser, page, frame=0)

    command(browser, "next")
    inside.wait(HOLD)

    assert inside.focused() == HOLD
    assert pill.label() is None


def test_in_a_modal_dialog_the_pill_is_inside_of_it(
    page: Page, site: Site, images: Site, covered: Judged, pill: Pill
) -> None:
    source = f"{images.url}/{covered.name}?n=modal"
    body = f'<dialog id="it"><img id="a" src="{source}" width="500" height="300"></dialog>'
    page.goto(site.page("modal", body + "<script>it.showModal()</script>"))
    page.wait_for_selector("#a[data-flinch=covered]")
    page.evaluate("it.role = 'group'")

    rest(page, "#a")
    pill.wait(HOLD)
    press(page, pill.centre(HOLD), 900)
    pill.wait(AGAIN)

    assert states(page) == {"a": "revealed"}


def test_the_pill_works_in_full_screen(two: Page, pill: Pill) -> None:
    two.evaluate("() => { b.onclick = () => document.body.requestFullscreen() }")
    two.click("#b")
    two.wait_for_function("document.fullscreenElement !== null")

    rest(two, "#b")
    pill.wait(HOLD)
    press(two, pill.centre(HOLD), 900)
    pill.wait(AGAIN)

    assert states(two) == {"a": "covered", "b": "revealed"}


def test_where_the_picture_itself_is_in_full_screen_the_pill_says_how_to_get_at_it(two: Page, pill: Pill) -> None:
    # Chromium makes all that is outside of it deaf, and an image has no inside.
    two.evaluate("() => { b.onclick = () => b.requestFullscreen() }")
    two.click("#b")
    two.wait_for_function("document.fullscreenElement !== null")
    two.mouse.move(300, 420)
    two.wait_for_timeout(600)
    says = pill.seen_text()

    two.evaluate("document.exitFullscreen()")
    two.wait_for_function("document.fullscreenElement === null")
    rest(two, "#b")
    pill.wait(HOLD)

    assert says == "Covered by Flinch. Leave full screen to show it."


def test_the_pill_works_in_a_document_written_anew(two: Page, pill: Pill) -> None:
    rest(two, "#a")
    pill.wait(HOLD)
    source = two.get_attribute("#a", "src")

    body = f'<img id="a" src="{source}&again" width="400" height="300">'
    two.evaluate("body => { document.open(); document.write(body); document.close() }", body)
    two.wait_for_selector("#a[data-flinch=covered]")
    two.mouse.move(900, 600)
    pill.wait_gone()
    rest(two, "#a")
    pill.wait(HOLD)
    press(two, pill.centre(HOLD), 900)
    pill.wait(AGAIN)

    assert states(two) == {"a": "revealed"}


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


def test_switched_off_there_is_no_pill(two: Page, browser: BrowserContext, pill: Pill) -> None:
    rest(two, "#a")
    pill.wait(HOLD)

    off = {"on": False, "strictness": "balanced", "cover": "blur", "canvases": False, "reports": False}
    send(browser, {"type": "policy", "policy": off})
    pill.wait_gone()
    two.mouse.move(240, 100)

    assert pill.stays_away()


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


def test_in_the_smallest_window_with_the_largest_letters_all_of_the_pill_can_be_reached(
    page: Page, site: Site, images: Site, pill: Pill
) -> None:
    # 320 by 256 CSS pixels are 1280 by 1024 at a zoom of 400 %.
    images.put("broken.png", b"\x89PNG and no more")
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(site.page("small", f'<img id="a" src="{images.url}/broken.png?n=small" width="100" height="60">'))
    page.wait_for_selector("#a[data-flinch=hidden]")

    rest(page, "#a")
    pill.wait("Try again", HOLD)
    boxes = [pill.box(), pill.box("Try again"), pill.box(HOLD)]

    assert all(min(box) >= 0 and box[2] <= 320 and box[3] <= 256 for box in boxes)


@pytest.mark.parametrize(
    "media", [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}]
)
def test_axe_finds_nothing_to_say_about_the_pill(two: Page, pill: Pill, media: dict[str, Any]) -> None:
    # What is not in the body, axe does not see the colours of; in a dialog the pill is.
    two.evaluate(
        """() => {
            document.documentElement.lang = 'en';
            const dialog = document.createElement('dialog');
            dialog.role = 'group';
            dialog.append(...document.body.children);
            document.body.append(dialog);
            dialog.showModal();
        }"""
    )
    two.emulate_media(**media)
    two.add_script_tag(path=ROOT / AXE)
    found = []
    command(two.context, "next")
    pill.wait(HOLD)
    pill.open_for_axe()
    for button in (ARMED, AGAIN):
        found += violations(two)
        two.wait_for_timeout(600)
        two.keyboard.press("Enter")
        pill.wait(button)
    found += violations(two)

    assert found == []


def violations(page: Page) -> list[Any]:
    """Return what axe finds in the pill; AssertionError when it did not get into it."""
    found: dict[str, Any] = page.evaluate("() => axe.run()")
    ours = {
        kind: {one["id"]: nodes for one in found[kind] if (nodes := [n for n in one["nodes"] if in_shadow(n)])}
        for kind in ("passes", "violations", "incomplete")
    }
    assert {"button-name", "color-contrast"} <= ours["passes"].keys()
    return [ours["violations"], ours["incomplete"]] if ours["violations"] or ours["incomplete"] else []


def in_shadow(node: dict[str, Any]) -> bool:
    """Return whether axe has found a node in a shadow root; the page has none of its own."""
    return isinstance(node["target"][0], list)
