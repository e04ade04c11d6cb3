"""Wherever a picture is, its pill can be used."""

from playwright.sync_api import BrowserContext, Page

from tests.extension.browser import states
from tests.extension.controls.pill import AGAIN, HOLD, Pill, press, rest
from tests.extension.judged import Judged
from tests.extension.site import Site


def test_the_pill_works_in_a_closed_shadow_root(
    page: Page, site: Site, images: Site, covered: Judged, pill: Pill
) -> None:
    source = f"{images.url}/{covered.name}?n=closed"
    inner = f"<img src={source} width=400 height=300>"
    script = f"<script>(root = host.attachShadow({{ mode: 'closed' }})).innerHTML = '{inner}'</script>"
    page.goto(site.page("controls-closed-root", f'<div id="host"></div>{script}'))
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
    page.goto(site.page("controls-inframe", f'<iframe srcdoc="{inner}" width="500" height="400"></iframe>'))
    page.frames[1].wait_for_selector("#a[data-flinch=covered]")
    pill = Pill(browser, page, frame=0)

    page.mouse.move(200, 120)
    pill.wait(HOLD)
    press(page, pill.centre(HOLD), 900)
    pill.wait(AGAIN)

    assert page.frames[1].evaluate("a.dataset.flinch") == "revealed"


def test_in_a_modal_dialog_the_pill_is_inside_of_it(
    page: Page, site: Site, images: Site, covered: Judged, pill: Pill
) -> None:
    source = f"{images.url}/{covered.name}?n=modal"
    body = f'<dialog id="it"><img id="a" src="{source}" width="500" height="300"></dialog>'
    page.goto(site.page("controls-modal", body + "<script>it.showModal()</script>"))
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
