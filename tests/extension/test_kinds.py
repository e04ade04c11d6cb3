"""Every kind of element that shows pictures is hidden before the verdict and ends as the bundle says."""

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.extension.browser import seen_plainly, seen_unjudged
from tests.extension.clips import record
from tests.extension.judged import Judged
from tests.extension.site import Site

WANTED = {True: "covered", False: "shown"}

# {} is the address of a picture.
STILL = {
    "image button": '<input type="image" src="{}" width="200">',
    "image button in capitals": '<INPUT TYPE="IMAGE" SRC="{}" width="200">',
    "svg image": '<svg width="200" height="150"><image href="{}" width="200" height="150"/></svg>',
    "svg image by xlink": '<svg width="200" height="150"><image xlink:href="{}" width="200" height="150"/></svg>',
    "poster": '<video poster="{}" width="200" height="150" controls></video>',
    "object": '<object data="{}" width="200" height="150"></object>',
    "object by type": '<object type="image/png" data="{}" width="200" height="150"></object>',
    "embed": '<embed src="{}" width="200" height="150">',
    "srcset": '<img srcset="{} 2x" width="200">',
    "picture": '<picture><source srcset="{}"><img width="200"></picture>',
    "lazy": '<img loading="lazy" src="{}" width="200" height="150">',
}
SUBJECTS = "img, input, image, video, object, embed, canvas"


def wait_until_judged(page: Page, count: int = 1) -> list[str | None]:
    """Wait until so many subjects wear a state, and are painted so; return the states of all in document order."""
    page.wait_for_function(
        "([all, n]) => [...document.querySelectorAll(all)].filter(e => e.dataset.flinch).length >= n",
        arg=[SUBJECTS, count],
    )
    # The probe takes its notes in animation frames: the first one after the state may be under way.
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return states(page)


def states(page: Page) -> list[str | None]:
    """Return the states of all subjects in document order."""
    found: list[str | None] = page.evaluate(
        "all => [...document.querySelectorAll(all)].map(e => e.dataset.flinch ?? null)", SUBJECTS
    )
    return found


@pytest.mark.parametrize("kind", STILL)
@pytest.mark.parametrize("triggering", [True, False])
def test_a_picture_of_any_kind_is_hidden_until_it_ends_as_the_bundle_says(
    page: Page, site: Site, images: Site, drawn: list[Judged], kind: str, triggering: bool
) -> None:
    picture = next(p for p in drawn if p.covered is triggering)
    name = kind.replace(" ", "-")
    address = f"{images.url}/kinds/{name}-{triggering}.png?delay=0.1"
    images.put(f"kinds/{name}-{triggering}.png", picture.data)

    page.goto(site.page(f"kind-{name}-{triggering}", STILL[kind].format(address)))
    found = wait_until_judged(page)
    page.wait_for_timeout(100)

    assert found == [WANTED[triggering]]
    assert seen_unjudged(page) == []
    assert bool(seen_plainly(page, address)) is not triggering
    # The page's own, and that of the offscreen document, as the host does not send CORS.
    assert images.asked[address.removeprefix(images.url)] == 2


@pytest.fixture(scope="module")
def film(browser: BrowserContext, site: Site, covered: Judged, harmless: Judged) -> dict[str, bytes]:
    """Return films by what they show, first and then."""
    return {
        "harmless": record(browser, site, harmless, harmless, 1),
        "triggering": record(browser, site, covered, covered, 1),
        "turning": record(browser, site, harmless, covered, 3),
        "empty": record(browser, site, None, None, 1),
    }


@pytest.mark.parametrize("kind", ["harmless", "triggering"])
@pytest.mark.parametrize("how", ["muted autoplay loop", "preload=auto", "preload=metadata controls"])
def test_a_film_is_hidden_until_its_first_frame_is_judged(
    page: Page, site: Site, film: dict[str, bytes], kind: str, how: str
) -> None:
    address = site.put(f"film-{kind}.webm", film[kind])

    page.goto(site.page(f"film-{kind}-{how.partition(' ')[0]}", f'<video src="{address}" {how}></video>'))
    found = wait_until_judged(page)

    assert found == [WANTED[kind == "triggering"]]
    assert seen_unjudged(page) == []
    assert (seen_plainly(page, address) == []) is (kind == "triggering")


def test_a_film_that_turns_is_covered_soon_after(page: Page, site: Site, film: dict[str, bytes]) -> None:
    address = site.put("film-turning.webm", film["turning"])
    page.goto(site.page("turning", f'<video src="{address}" muted autoplay></video>'))
    page.wait_for_selector("video[data-flinch=shown]", state="attached")

    page.wait_for_selector("video[data-flinch=covered]", state="attached")
    at = page.evaluate("document.querySelector('video').currentTime")
    page.wait_for_timeout(2000)

    assert 1.4 < at < 2.3
    assert page.locator("video[data-flinch=covered][data-flinch-cover=solid]").count() == 1


def test_a_film_that_may_not_be_read_stays_hidden_and_says_why(
    page: Page, site: Site, images: Site, film: dict[str, bytes]
) -> None:
    address = images.put("film-elsewhere.webm", film["harmless"])

    page.goto(site.page("elsewhere-film", f'<video src="{address}" muted autoplay></video>'))
    found = wait_until_judged(page)
    page.wait_for_timeout(500)

    assert found == ["hidden"]
    assert page.get_by_title(
        "Hidden by Flinch: the host lets nobody look at what this video or drawing shows"
    ).count()
    assert seen_plainly(page, address) == []


def test_a_film_is_hidden_while_there_is_nothing_of_it_to_judge(
    page: Page, site: Site, film: dict[str, bytes]
) -> None:
    address = site.put("film-empty.webm", film["empty"])

    page.goto(site.page("nothing-yet", f'<video src="{address}" muted autoplay loop></video>'))
    page.wait_for_function("document.querySelector('video').played.length > 0")
    page.wait_for_timeout(1000)

    assert states(page) == [None]


def test_a_film_of_a_blob_and_one_of_another_origin_with_its_consent_are_judged(
    page: Page, site: Site, images: Site, film: dict[str, bytes]
) -> None:
    address = images.put("film-cors.webm", film["triggering"])
    own = site.put("film-own.webm", film["harmless"])
    script = f"fetch('{own}').then(r => r.blob()).then(b => blob.src = URL.createObjectURL(b))"
    body = (
        f'<video crossorigin src="{address}?cors" autoplay muted></video><video id="blob" muted autoplay></video>'
    )

    page.goto(site.page("consent", f"{body}<script>{script}</script>"))
    found = wait_until_judged(page, 2)

    assert found == ["covered", "shown"]
    assert seen_unjudged(page) == []


def test_what_is_no_picture_is_left_alone(page: Page, site: Site, images: Site, covered: Judged) -> None:
    inner = site.page("inner-object", f'<img src="{images.url}/{covered.name}?n=object">')
    body = f'<object data="{inner}" width="300" height="200"></object><embed src="{inner}"><input type="text">'
    page.goto(site.page("documents", f"{body}<canvas></canvas>"))
    # Chromium forgets an <object> now and then when a script forces layouts as early as the probe does.
    page.evaluate("document.querySelector('object').setAttribute('data', document.querySelector('object').data)")
    page.wait_for_function(
        "document.querySelector('object').contentDocument?.images.length === 1 && frames.length === 2"
    )
    for frame in page.frames[1:]:
        frame.wait_for_selector("img[data-flinch=covered]", state="attached")

    found = states(page)

    assert len(page.frames) == 3
    assert found == ["none", "none", None, "none"]
    assert seen_unjudged(page) == []


def test_an_input_that_becomes_an_image_is_judged_and_one_that_ceases_to_be_is_let_go(
    page: Page, site: Site, images: Site, covered: Judged
) -> None:
    page.goto(site.page("becoming", f'<input id="it" src="{images.url}/{covered.name}?n=become" type="button">'))

    page.evaluate("it.type = 'image'")
    before = wait_until_judged(page)
    page.evaluate("it.type = 'button'")
    page.wait_for_selector("#it:not([data-flinch])")

    assert before == ["covered"]
    assert page.evaluate("[it.title, it.hasAttribute('aria-label')]") == ["", False]
    assert seen_unjudged(page) == []


@pytest.mark.parametrize("kind", ["image button", "svg image", "svg image by xlink", "poster", "object", "embed"])
def test_a_picture_swapped_after_the_verdict_is_judged_anew(
    page: Page, site: Site, images: Site, covered: Judged, harmless: Judged, kind: str
) -> None:
    first, then = f"{images.url}/{harmless.name}?swap={kind[:5]}", f"{images.url}/{covered.name}?swap={kind[:5]}"
    first, then = first.replace(" ", "-"), then.replace(" ", "-")
    page.goto(site.page(f"swap-{kind.replace(' ', '-')}", STILL[kind].format(first)))
    before = wait_until_judged(page)

    page.evaluate(
        """([all, kind, then]) => {
            const element = document.querySelector(all);
            if (kind.endsWith('xlink')) element.setAttributeNS('http://www.w3.org/1999/xlink', 'xlink:href', then);
            else if (kind === 'svg image') element.setAttribute('href', then);
            else element.setAttribute({ OBJECT: 'data', VIDEO: 'poster' }[element.tagName] ?? 'src', then);
        }""",
        [SUBJECTS, kind, then],
    )
    page.wait_for_selector("[data-flinch=covered]", state="attached")

    assert before == ["shown"]
    assert seen_unjudged(page) == []
    assert seen_plainly(page, then) == []
