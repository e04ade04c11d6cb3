"""No page reveals a picture, gets rid of the pill, or learns what the reader does in it."""

import pytest
from playwright.sync_api import Page

from tests.extension.browser import states
from tests.extension.controls.pill import AGAIN, ARMED, BOTH, FIRST, HOLD, Pill, command, press, rest
from tests.extension.judged import Judged
from tests.extension.site import Site


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
        page.goto(site.page(f"controls-style-{name}", body, head))
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
