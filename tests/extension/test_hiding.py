"""No picture is seen before it is judged, and in the end each is seen or covered as the bundle says."""

import base64

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.extension.browser import notes, seen_plainly, seen_unjudged, states, wait_until_settled
from tests.extension.judged import Judged, png
from tests.extension.site import Site

WANTED = {True: "covered", False: "shown"}


def gallery(addresses: list[str]) -> str:
    return "".join(f'<img id="p{n}" src="{address}" width="160">' for n, address in enumerate(addresses))


@pytest.mark.parametrize("kind", ["drawn", "taken"])
def test_drawings_and_photographs_of_another_origin_end_as_the_bundle_says(
    page: Page, site: Site, images: Site, kind: str, request: pytest.FixtureRequest
) -> None:
    pictures: list[Judged] = request.getfixturevalue(kind)
    if not pictures:
        pytest.skip("the development photographs do not lie beside the project; only drawings were judged")
    # Addresses of their own: what another test has had judged is remembered.
    # Hosts of their own too: one that has refused three times before it allows anything is not asked again.
    opens = images.url.replace("localhost", "open.localhost")
    hosts = f"{images.url}/{{}}?gallery", f"{opens}/{{}}?gallery&cors"
    addresses = [hosts[n % 2].format(p.name) for n, p in enumerate(pictures)]
    address = site.page(f"gallery-{kind}", gallery(addresses))
    images.asked.clear()

    page.goto(address)
    wait_until_settled(page, len(pictures))

    assert states(page) == {f"p{n}": WANTED[p.covered] for n, p in enumerate(pictures)}
    assert seen_unjudged(page) == []
    for picture, its in zip(pictures, addresses, strict=True):
        assert bool(seen_plainly(page, its)) is not picture.covered
    # Where the host allows it the bytes come from the page's own cache, else from the same host once more.
    assert images.asked == {
        its.removeprefix(opens).removeprefix(images.url): 1 if "cors" in its else 2 for its in addresses
    }


def test_same_origin_data_and_blob_pictures_are_judged_without_a_request(
    page: Page, site: Site, covered: Judged, harmless: Judged
) -> None:
    for picture in (covered, harmless):
        site.put(f"own/{picture.name}", picture.data)
    data = {p.covered: f"data:image/png;base64,{base64.b64encode(p.data).decode()}" for p in (covered, harmless)}
    script = """for (const [from, to] of [[a, e], [b, f]])
        fetch(from.src).then(r => r.blob()).then(blob => { to.src = URL.createObjectURL(blob) })"""
    address = site.page(
        "own",
        f'<img id="a" src="own/{covered.name}"><img id="b" src="own/{harmless.name}">'
        f'<img id="c" src="{data[True]}"><img id="d" src="{data[False]}"><img id="e"><img id="f">'
        f"<script>{script}</script>",
    )

    page.goto(address)
    wait_until_settled(page, 6)

    wanted = {"a": "covered", "b": "shown", "c": "covered", "d": "shown", "e": "covered", "f": "shown"}
    assert states(page) == wanted
    assert seen_unjudged(page) == []
    assert site.asked[f"/own/{harmless.name}"] == 1


def test_a_slow_picture_stays_hidden_until_its_verdict_and_its_box_keeps_its_size(
    page: Page, site: Site, images: Site, harmless: Judged
) -> None:
    slow = f"{images.url}/{harmless.name}?delay=1"
    address = site.page("slow", f'<img id="slow" src="{slow}" width="300" height="200" alt="a field">')

    page.goto(address)
    wait_until_settled(page, 1)

    assert states(page) == {"slow": "shown"}
    assert seen_unjudged(page) == []
    assert {(n["width"], n["height"]) for n in notes(page)} == {(300, 200)}


def test_a_picture_added_by_script_is_hidden_before_it_is_judged(
    page: Page, site: Site, images: Site, covered: Judged, harmless: Judged
) -> None:
    address = site.page("late", "<div id='here'></div>")
    page.goto(address)

    page.evaluate(
        """([one, two]) => {
            here.innerHTML = `<p><span><img id="one" src="${one}" data-flinch="shown"></span></p>`;
            const image = new Image();
            image.id = "two";
            image.src = two;
            image.onload = () => here.append(image);
        }""",
        [f"{images.url}/{covered.name}?n=late", f"{images.url}/{harmless.name}?n=late"],
    )
    page.wait_for_function("document.querySelector('#two')?.dataset.flinch && document.querySelector('#one').title")

    assert states(page) == {"one": "covered", "two": "shown"}
    assert seen_unjudged(page) == []
    assert seen_plainly(page, f"{images.url}/{covered.name}?n=late") == []


@pytest.mark.parametrize("triggering", [True, False])
def test_a_source_swapped_after_the_verdict_is_judged_anew(
    page: Page, site: Site, images: Site, covered: Judged, harmless: Judged, triggering: bool
) -> None:
    # The page fades every change, which would show the next picture while it fades out.
    style = "<style>img { transition: opacity 1s, filter 1s !important }</style>"
    before, after = (harmless, covered) if triggering else (covered, harmless)
    first, second = f"{images.url}/{before.name}?n={triggering}", f"{images.url}/{after.name}?n={triggering}"
    page.goto(site.page("swap", f'<img id="it" src="{first}" width="200">', style))
    wait_until_settled(page, 1)
    page.wait_for_timeout(100)

    page.evaluate("second => { document.images[0].src = second }", second)
    page.wait_for_selector(f"img[data-flinch={WANTED[triggering]}]")
    page.wait_for_timeout(100)

    assert bool(seen_plainly(page, first)) is triggering
    assert bool(seen_plainly(page, second)) is not triggering
    assert seen_unjudged(page) == []


def test_a_srcset_swap_on_resize_is_judged_anew(
    page: Page, site: Site, images: Site, covered: Judged, harmless: Judged
) -> None:
    small, large = f"{images.url}/{harmless.name}?n=set", f"{images.url}/{covered.name}?n=set"
    picture = f'<picture><source media="(min-width: 900px)" srcset="{large}"><img id="it" src="{small}"></picture>'
    page.set_viewport_size({"width": 600, "height": 600})
    page.goto(site.page("set", picture))
    wait_until_settled(page, 1)
    before = states(page)

    page.set_viewport_size({"width": 1000, "height": 600})
    page.wait_for_selector("img[data-flinch=covered]")

    assert before == {"it": "shown"}
    assert [note for note in seen_plainly(page, large) if note["complete"]] == []
    assert seen_unjudged(page) == []


def test_pictures_in_a_srcdoc_frame_are_hidden_and_judged(
    page: Page, site: Site, images: Site, covered: Judged, harmless: Judged
) -> None:
    one, two = f"{images.url}/{covered.name}?n=frame", f"{images.url}/{harmless.name}?n=frame"
    inner = f"<img id='one' src='{one}'><img id='two' src='{two}'>"
    address = site.page("frame", f'<iframe srcdoc="{inner}" width="600" height="600"></iframe>')

    page.goto(address)
    frame = page.frames[1]
    frame.wait_for_function("document.querySelectorAll('img[data-flinch]').length === 2")

    found = frame.evaluate("[...document.images].map(i => i.dataset.flinch)")
    assert found == ["covered", "shown"]
    assert seen_unjudged(page) == []
    assert seen_plainly(page, one) == []


def test_pictures_in_a_frame_of_another_origin_are_hidden_and_judged(
    page: Page, site: Site, images: Site, covered: Judged, harmless: Judged
) -> None:
    pictures = f'<img id="one" src="{covered.name}?n=other"><img id="two" src="{harmless.name}?n=other">'
    address = site.page("outer", f'<iframe src="{images.page("inner", pictures)}"></iframe>')

    page.goto(address)
    page.frames[1].wait_for_selector("#one[data-flinch=covered]")
    page.frames[1].wait_for_selector("#two[data-flinch=shown]")

    assert seen_unjudged(page) == []
    assert seen_plainly(page, f"{images.url}/{covered.name}?n=other") == []


def test_an_xml_document_whose_root_element_has_no_style_is_guarded_like_a_page(
    page: Page, site: Site, images: Site, covered: Judged, harmless: Judged
) -> None:
    addresses = [f"{images.url}/{picture.name}?n=xml" for picture in (covered, harmless)]
    markup = "".join(f"<img xmlns='http://www.w3.org/1999/xhtml' src='{address}'/>" for address in addresses)

    page.goto(site.put("plain.xml", f"<feed>{markup}</feed>".encode()))
    wait_until_settled(page, 2)
    page.evaluate("document.documentElement.setAttribute('data-flinch-off', '')")

    found = page.evaluate("[...document.querySelectorAll('img')].map(image => image.dataset.flinch)")
    assert found == ["covered", "shown"]
    assert page.evaluate("document.documentElement.hasAttribute('data-flinch-off')") is False
    assert seen_plainly(page, addresses[0]) == []


@pytest.mark.parametrize("triggering", [True, False])
def test_the_bare_page_of_a_picture_is_judged_too(
    page: Page, images: Site, drawn: list[Judged], triggering: bool
) -> None:
    picture = next(p for p in drawn if p.covered is triggering)
    address = f"{images.url}/{picture.name}?n=bare"

    page.goto(address)
    page.wait_for_selector(f"img[data-flinch={WANTED[triggering]}]")
    page.wait_for_timeout(100)

    assert seen_unjudged(page) == []
    assert bool(seen_plainly(page, address)) is not triggering


def test_a_large_data_picture_is_judged_on_the_page(page: Page, site: Site) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1950, 2100, 3), np.uint8)
    data = f"data:image/png;base64,{base64.b64encode(png(Image.fromarray(noise))).decode()}"
    address = site.page("large", f'<img id="it" src="{data}" width="300">')

    page.goto(address)
    wait_until_settled(page, 1)

    assert len(data) > 16_000_000
    assert states(page)["it"] in {"shown", "covered"}


def test_tiny_pictures_are_shown_unjudged_until_the_page_enlarges_them(
    page: Page, site: Site, images: Site, covered: Judged
) -> None:
    icon = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='16' height='16'/>"
    photograph = f"{images.url}/{covered.name}?n=tiny"
    icons = f'<img id="icon" src="{icon}"><img id="photo" src="{photograph}" width="16" height="16">'
    page.goto(site.page("tiny", icons))
    wait_until_settled(page, 2)
    before = states(page)

    page.evaluate("icon.style.width = '300px'")
    page.wait_for_selector("#icon:not([data-flinch=tiny])[data-flinch]")

    assert before == {"icon": "tiny", "photo": "covered"}
    large = [n for n in notes(page) if n["id"] == "icon" and n["width"] > 36 and n["when"] == "after"]
    assert large != []
    assert [n for n in large if n["state"] == "tiny" and n["seen"] == "plain"] == []
