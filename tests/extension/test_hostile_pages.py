"""Pages that would win against a simpler extension, mostly without meaning to."""

from playwright.sync_api import BrowserContext, Page

from tests.extension.browser import close_service_worker, seen_plainly, seen_unjudged, states, wait_until_settled
from tests.extension.judged import Judged
from tests.extension.site import Site

LOUD = "opacity: 1 !important; filter: none !important; clip-path: none !important; transition: all 1s !important"


def test_important_rules_of_a_page_do_not_win(page: Page, site: Site, images: Site, covered: Judged) -> None:
    its = f"{images.url}/{covered.name}?delay=0.5&n=important"
    style = f"<style>html body #it.it {{ {LOUD} }} @layer top {{ img {{ {LOUD} }} }}</style>"
    address = site.page("important", f'<img id="it" class="it" src="{its}" style="{LOUD}">', style)

    page.goto(address)
    wait_until_settled(page, 1)
    page.wait_for_timeout(200)

    assert states(page) == {"it": "covered"}
    assert seen_plainly(page, its) == []


def test_they_do_not_win_while_the_service_worker_sleeps_either(
    page: Page, browser: BrowserContext, site: Site, images: Site, covered: Judged, harmless: Judged
) -> None:
    # The user style sheet comes late: waking a service worker takes longer than loading this page.
    one, two = f"{images.url}/{covered.name}?n=asleep", f"{images.url}/{harmless.name}?n=asleep"
    style = f"<style>@layer top {{ img {{ {LOUD} }} }}</style>"
    others = f'<img id="two" src="{two}" style="opacity: 0.5"><img id="three" src="{two}">'
    body = f'<img id="one" src="{one}" style="{LOUD}">{others}'
    address = site.page("asleep", body, style)
    close_service_worker(browser, page)

    page.goto(address)
    wait_until_settled(page, 3)
    page.wait_for_timeout(200)

    assert states(page) == {"one": "covered", "two": "shown", "three": "shown"}
    assert seen_plainly(page, one) == []
    assert seen_unjudged(page) == []
    styles = page.evaluate("[...document.images].map(image => image.getAttribute('style'))")
    assert styles[1:] == ["opacity: 0.5;", None]


def test_a_document_written_anew_is_watched_like_the_first(
    page: Page, site: Site, images: Site, covered: Judged, harmless: Judged
) -> None:
    page.goto(site.page("written", "<p>first</p>"))
    body = f'<img id="a" src="{images.url}/{covered.name}?n=w"><img id="b" src="{images.url}/{harmless.name}?n=w">'

    page.evaluate("body => { document.open(); document.write(body); document.close() }", body)
    wait_until_settled(page, 2)

    assert states(page) == {"a": "covered", "b": "shown"}


def test_a_strict_content_security_policy_of_the_page_binds_only_the_page(
    page: Page, site: Site, images: Site, covered: Judged, harmless: Judged
) -> None:
    policy = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; img-src *\">"
    one, two = f"{images.url}/{covered.name}?n=policy", f"{images.url}/{harmless.name}?cors&n=policy"
    body = f'<img id="a" src="{one}"><img id="b" src="{two}">'

    page.goto(site.page("policy", body, policy))
    wait_until_settled(page, 2)

    assert states(page) == {"a": "covered", "b": "shown"}
    assert seen_unjudged(page) == []


def test_a_page_that_comes_back_from_the_history_still_gets_verdicts(
    page: Page, site: Site, images: Site, covered: Judged, harmless: Judged
) -> None:
    page.goto(site.page("back", f'<img id="a" src="{images.url}/{covered.name}?n=back">'))
    wait_until_settled(page, 1)
    page.goto(site.page("elsewhere", "<p>elsewhere</p>"))
    page.go_back()

    add = "source => { const i = new Image(); i.id = 'b'; i.src = source; document.body.append(i) }"
    page.evaluate(add, f"{images.url}/{harmless.name}?n=back")
    wait_until_settled(page, 2)

    assert states(page) == {"a": "covered", "b": "shown"}


def test_a_thousand_appended_pictures_are_judged_without_blocking_the_page(
    page: Page, site: Site, images: Site, harmless: Judged
) -> None:
    page.goto(site.page("endless", "<div id='list'></div>"))

    blocked = page.evaluate(
        """async source => {
            let blocked = 0;
            const observer = new PerformanceObserver(list => {
                for (const task of list.getEntries()) blocked += task.duration - 50;
            });
            observer.observe({ type: "longtask" });
            for (let n = 0; n < 1000; n++) {
                const image = new Image();
                image.src = source + (n % 20);
                image.width = 40;
                list.append(image);
                if (n % 100 === 99) await new Promise(resolve => setTimeout(resolve));
            }
            while ([...document.images].some(image => !image.dataset.flinch)) {
                await new Promise(resolve => setTimeout(resolve, 20));
            }
            return blocked;
        }""",
        f"{images.url}/{harmless.name}?cors&n=",
    )

    assert set(page.evaluate("[...document.images].map(image => image.dataset.flinch)")) == {"shown"}
    # Rescanning the whole list at every mutation blocks for seconds.
    assert blocked < 1500
