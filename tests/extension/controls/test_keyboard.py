"""All that the pointer can do, the keyboard can; those who listen are told what those who look can see."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.extension.browser import states
from tests.extension.conftest import ROOT
from tests.extension.controls.pill import AGAIN, ARMED, AXE, FIRST, HOLD, Pill, command, rest
from tests.extension.judged import Judged
from tests.extension.site import Site


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
    page.goto(site.page("controls-next", body + attach, style))
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
    page.goto(site.page("controls-none", "<p>words</p>"))
    page.wait_for_timeout(500)

    command(browser, "next")
    page.wait_for_timeout(500)

    assert pill.text().startswith("No covered pictures here.")


def test_only_the_frame_that_has_the_keyboard_follows_next(
    page: Page, browser: BrowserContext, site: Site, images: Site, covered: Judged, pill: Pill
) -> None:
    source = f"{images.url}/{covered.name}?n=which"
    inner = f"<button id='b'>b</button><img src='{source}' width='400' height='300'>"
    body = (
        f'<img src="{source}" width="300" height="200"><iframe srcdoc="{inner}" width="500" height="400"></iframe>'
    )
    page.goto(site.page("controls-which", body))
    page.frames[1].wait_for_selector("img[data-flinch=covered]")
    page.frames[1].focus("#b")
    inside = Pill(browser, page, frame=0)

    command(browser, "next")
    inside.wait(HOLD)

    assert inside.focused() == HOLD
    assert pill.label() is None


def test_in_the_smallest_window_with_the_largest_letters_all_of_the_pill_can_be_reached(
    page: Page, site: Site, images: Site, pill: Pill
) -> None:
    # 320 by 256 CSS pixels are 1280 by 1024 at a zoom of 400 %.
    images.put("broken.png", b"\x89PNG and no more")
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(
        site.page("controls-small", f'<img id="a" src="{images.url}/broken.png?n=small" width="100" height="60">')
    )
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
