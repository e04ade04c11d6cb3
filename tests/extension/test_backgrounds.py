"""Pictures that CSS puts on elements: none is painted before its verdict, and the harmless ones are afterwards.

Three pictures of each case: one that the bundle reveals, of one colour so that it can be counted; one that it
covers, and one that the extension cannot get to judge, both of a colour that no frame may show.
"""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.extension.badge import wait_for_badge
from tests.extension.browser import close_service_worker
from tests.extension.judged import Judged
from tests.extension.screen import area, filmed, flat, image, leaked, serve
from tests.extension.site import Site

PROBE = Path(__file__).with_name("css_probe.js")
BOX = "width: 80px; height: 80px; margin: 4px; display: inline-block; vertical-align: top; background-color: #eee"

# What the style sheet of a page says about one element, and how large the picture is then, at least.
CASES = {
    "background": ("{it} {{ background: url({url}) }}", 6000),
    "layers": ("{it} {{ background: url({url}) 0 0 / 40px 40px no-repeat, linear-gradient(red, red) }}", 1300),
    "image-set": ("{it} {{ background-image: image-set(url({url}) 1x, url({url}&twice) 2x) }}", 6000),
    "cross-fade": ("{it} {{ background-image: -webkit-cross-fade(url({url}), url({url}), 50%) }}", 6000),
    "border": ("{it} {{ border: 20px solid #ccc; border-image: url({url}) 20 fill }}", 6000),
    "list": ("{it} {{ display: list-item; list-style: inside url({url}) }}", 6000),
    "content": ("{it} {{ content: url({url}) }}", 6000),
    "before": ("{it}::before {{ content: url({url}) }}", 6000),
    "after": ("{it}::after {{ content: ''; display: block; height: 80px; background: url({url}) }}", 6000),
    "first of a list": (
        "{it} {{ display: list-item; list-style: inside }} {it}::marker {{ content: url({url}) }}",
        6000,
    ),
    "important": ("@layer top {{ {it} {{ background: url({url}) 0 0 / 80px 80px !important }} }}", 6000),
    "variable": (":root {{ {it_variable}: url({url}) }} {it} {{ background-image: var({it_variable}) }}", 6000),
}


@pytest.fixture
def probed(page: Page) -> Page:
    """Note on every frame of the tab what CSS paints in it."""
    page.add_init_script(path=PROBE)
    return page


@pytest.fixture
def urls(images: Site, plain: Judged, bait: Judged) -> Iterator[dict[str, str]]:
    """Return the addresses of a harmless picture, a triggering one, and one that is never judged."""
    serve(images, plain, bait)
    yield {
        "harmless": f"{images.url}/{plain.name}?css",
        "covered": f"{images.url}/{bait.name}?css",
        "held": f"{images.url}/marker.png?held&css",
    }


def page_of(rule: str, urls: dict[str, str]) -> tuple[str, str]:
    """Return the body and the head of a page with one element for each picture."""
    rules = [rule.format(it=f"#{name}", it_variable=f"--{name}", url=url) for name, url in urls.items()]
    boxes = "".join(f'<div id="{name}" class="box">text</div>' for name in urls)
    return boxes, f"<style>.box {{ {BOX} }} {' '.join(rules)}</style>"


def painted(page: Page, address: str) -> list[dict[str, Any]]:
    """Return the notes of frames that have painted the picture of an address."""
    notes = page.evaluate("cssProbe.notes")
    return [note for note in notes if note["when"] == "before" and any(address in one for one in note["painted"])]


@pytest.mark.parametrize("case", CASES)
def test_a_picture_of_css_is_painted_once_it_is_judged_harmless_and_never_else(
    probed: Page, site: Site, urls: dict[str, str], plain_colour: tuple[int, int, int], case: str
) -> None:
    rule, least = CASES[case]
    address = site.page(f"css-{case.replace(' ', '-')}", *page_of(rule, urls))

    frames = filmed(probed, lambda: probed.goto(address))

    assert leaked(frames) == 0
    assert painted(probed, urls["covered"]) == []
    assert area(frames[-1], plain_colour) >= least
    wait_for_badge(probed.context, probed, "1")


def test_they_are_not_painted_while_the_service_worker_sleeps_either(
    probed: Page, browser: BrowserContext, site: Site, urls: dict[str, str], plain_colour: tuple[int, int, int]
) -> None:
    rule, least = CASES["important"]
    address = site.page("css-asleep", *page_of(rule, urls))
    close_service_worker(browser, probed)

    frames = filmed(probed, lambda: probed.goto(address))

    assert leaked(frames) == 0
    assert area(frames[-1], plain_colour) >= least


def test_a_box_keeps_its_size_its_text_and_its_colour_while_its_picture_is_not_shown(
    probed: Page, site: Site, urls: dict[str, str]
) -> None:
    style = f"""<style>
        div {{ display: inline-block }}
        #back {{ {BOX}; background-image: url({urls["held"]}) }}
        #before::before {{ content: url({urls["held"]}&before); display: inline-block }}
        #border {{ border: 10px solid; border-image: url({urls["held"]}&border) 10 }}
        #element {{ content: url({urls["held"]}&element) }}
    </style>"""
    boxes = "".join(f'<div id="{name}">text</div>' for name in ("back", "before", "border", "element"))
    probed.goto(site.page("css-box", boxes, style))
    probed.wait_for_function("document.querySelectorAll('[data-flinch-back]').length >= 4")
    probed.wait_for_timeout(300)

    sizes = probed.evaluate("[...document.querySelectorAll('div')].map(d => [d.offsetWidth, d.offsetHeight])")
    colour = probed.evaluate("getComputedStyle(back).backgroundColor")

    assert sizes[0] == [80, 80]
    # The picture, of 160 px, and the text behind it.
    assert sizes[1][0] > 170
    assert sizes[1][1] >= 160
    assert sizes[2][0] > 40
    assert sizes[3] == [160, 160]
    assert colour == "rgb(238, 238, 238)"


def test_gradients_and_generated_text_are_shown_as_the_page_wants_them(probed: Page, site: Site) -> None:
    style = f"""<style>
        div {{ {BOX} }}
        #gradient {{ background-image: linear-gradient(rgb(0, 90, 200), rgb(0, 90, 200)) }}
        #icon::before {{ content: "\\2605 " counter(it) attr(title); color: rgb(200, 90, 0) }}
        #icon.other::before {{ content: "other" }}
        li::marker {{ content: "=> " }}
    </style>"""
    body = '<div id="gradient"></div><div id="icon" title="!"></div><ul><li id="item">one</li></ul>'

    frames = filmed(probed, lambda: probed.goto(site.page("css-text", body, style)), 500)
    before = probed.evaluate("getComputedStyle(icon, '::before').content")
    probed.evaluate("icon.style.color = 'red'; setTimeout(() => { icon.removeAttribute('style') }, 50)")
    probed.evaluate("icon.className = 'other'")
    probed.wait_for_function("getComputedStyle(icon, '::before').content === '\"other\"'")

    assert area(frames[-1], (0, 90, 200)) >= 6000
    assert "★" in before
    assert before.endswith('"!"')
    assert probed.evaluate("getComputedStyle(icon, '::before').opacity") == "1"
    assert probed.evaluate("getComputedStyle(item, '::marker').content") == '"=> "'


CHANGES = {
    "style": "it.style.backgroundImage = `url(${to})`",
    "class": "it.className += ' changed'",
    "class of an ancestor": "document.body.className = 'changed'",
    "class of a sibling": "it.previousElementSibling.className = 'changed'",
    "new style sheet": "document.head.append(Object.assign(document.createElement('style'), {textContent: rule}))",
    "adopted sheet": """const sheet = new CSSStyleSheet(); sheet.replaceSync(rule);
        document.adoptedStyleSheets = [sheet]""",
    "variable": "document.body.style.setProperty('--picture', `url(${to})`)",
    "another place": """const host = document.createElement('p'); host.className = 'changed'; host.append(it);
        document.body.append(host)""",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_picture_that_takes_the_place_of_a_harmless_one_is_judged_anew(
    probed: Page, site: Site, urls: dict[str, str], plain_colour: tuple[int, int, int], change: str
) -> None:
    harmless, held = urls["harmless"], urls["held"]
    # The page fades every change, which would show the next picture while the last one goes.
    style = f"""<style>
        #it {{ {BOX}; background: var(--picture, url({harmless})) 0 0 / 80px 80px }}
        #it {{ transition: all 0.4s allow-discrete }}
        #it.changed, .changed #it, .changed + #it {{ background-image: url({held}) }}
    </style>"""
    probed.goto(site.page("css-change", '<p id="sibling"></p><div id="it">text</div>', style))
    probed.wait_for_timeout(700)
    before = image(probed.screenshot())
    script = f"const [to, rule] = ['{held}', '#it#it {{ background-image: url({held}) }}']; {CHANGES[change]}"

    frames = filmed(probed, lambda: probed.evaluate(f"() => {{ {script} }}"), 1700)

    assert area(before, plain_colour) >= 6000
    assert leaked(frames) == 0
    assert area(frames[-1], plain_colour) == 0


def test_a_harmless_picture_that_takes_the_place_of_another_is_shown(
    probed: Page, site: Site, urls: dict[str, str], plain_colour: tuple[int, int, int]
) -> None:
    style = f"""<style>
        #it {{ {BOX}; background-image: url({urls["covered"]}) }}
        #it:hover {{ background-image: url({urls["harmless"]}) }}
    </style>"""
    probed.goto(site.page("css-hover", '<div id="it">text</div>', style))
    probed.wait_for_timeout(500)
    before = image(probed.screenshot())

    frames = filmed(probed, lambda: probed.hover("#it"), 800)

    assert area(before, plain_colour) == 0
    assert area(frames[-1], plain_colour) >= 6000
    assert painted(probed, urls["covered"]) == []


@pytest.mark.parametrize(
    "name", ["data-flinch-back", "data-flinch-lift", "data-flinch-still", "data-flinch-away", "pseudo"]
)
def test_attributes_that_a_page_sets_itself_show_nothing(
    probed: Page, site: Site, urls: dict[str, str], name: str
) -> None:
    held = urls["held"]
    style = f"""<style>
        .box {{ {BOX}; background: url({held}) 0 0 / 80px 80px }}
        li {{ list-style: inside url({held}) }} li::before {{ content: url({held}) }}
    </style>"""
    value = "-webkit-slider-thumb" if name == "pseudo" else "0"
    body = f'<div class="box" {name}="{value}"></div><ul><li {name}="{value}">one</li></ul><div id="here"></div>'
    address = site.page("css-forged", body, style)

    def forge() -> None:
        probed.goto(address)
        probed.evaluate(
            """([name, value]) => {
                here.innerHTML = document.querySelector('.box').outerHTML + document.querySelector('ul').outerHTML;
                for (const element of document.querySelectorAll('.box, li')) element.setAttribute(name, value);
                for (const element of document.querySelectorAll('.box, li')) here.append(element.cloneNode());
            }""",
            [name, value],
        )

    frames = filmed(probed, forge)

    assert leaked(frames) == 0


def test_pictures_of_blob_addresses_are_judged(
    probed: Page, site: Site, plain: Judged, bait: Judged, plain_colour: tuple[int, int, int]
) -> None:
    for picture in (plain, bait):
        site.put(picture.name, picture.data)
    script = f"""
        for (const [name, it] of [["{plain.name}", harmless], ["{bait.name}", covered]]) {{
            fetch(name).then(answer => answer.blob())
                .then(blob => {{ it.style.backgroundImage = `url(${{URL.createObjectURL(blob)}})` }});
        }}
    """
    boxes = f'<div id="harmless" style="{BOX}"></div><div id="covered" style="{BOX}"></div>'
    address = site.page("css-blob", f"{boxes}<script>{script}</script>")

    frames = filmed(probed, lambda: probed.goto(address))

    assert leaked(frames) == 0
    assert area(frames[-1], plain_colour) >= 6000
    wait_for_badge(probed.context, probed, "1")


def test_pictures_of_data_addresses_are_judged_and_tiny_ones_shown_until_they_are_enlarged(
    probed: Page, site: Site, plain: Judged, plain_colour: tuple[int, int, int], covered: Judged
) -> None:
    def data(file: bytes) -> str:
        return f"data:image/png;base64,{base64.b64encode(file).decode()}"

    style = f"""<style>
        div {{ {BOX} }}
        #harmless {{ background-image: url({data(plain.data)}) }}
        #covered {{ background-image: url({data(covered.data)}) }}
        #tiny {{ width: 16px; height: 16px; background-image: url({data(flat((1, 2, 203), 16))}) }}
    </style>"""
    body = '<div id="harmless"></div><div id="covered"></div><div id="tiny"></div>'

    frames = filmed(probed, lambda: probed.goto(site.page("css-data", body, style)))

    assert area(frames[-1], plain_colour) >= 6000
    assert area(frames[-1], (1, 2, 203)) == 256
    assert painted(probed, data(covered.data)[:200]) == []


def test_a_picture_that_many_elements_share_is_asked_for_once_and_none_for_what_the_page_does_not_use(
    probed: Page, site: Site, images: Site, plain: Judged
) -> None:
    images.put(plain.name, plain.data)
    shared = f"/{plain.name}?cors&shared"
    unused = f"/{plain.name}?cors&unused"
    style = f"""<style>
        div {{ {BOX}; background-image: image-set(url({images.url}{shared}) 1x, url({images.url}{unused}) 4x) }}
    </style>"""

    probed.goto(site.page("css-shared", "<div></div>" * 50, style))
    probed.wait_for_function(
        "[...document.querySelectorAll('div')].every(d => getComputedStyle(d).backgroundImage.includes('shared'))"
    )
    probed.wait_for_timeout(300)

    assert (images.asked[shared], images.asked[unused]) == (1, 0)


def test_the_browsers_own_controls_keep_their_looks(probed: Page, site: Site) -> None:
    controls = (
        '<input type="date"><input type="search" value="a"><select><option>a</option></select><button>b</button>'
    )
    frame = f'<iframe srcdoc="{controls.replace(chr(34), "&quot;")}"></iframe>'
    probed.goto(site.page("css-controls", controls + frame))
    probed.wait_for_timeout(300)
    ink = image(probed.locator("input[type=date]").screenshot())

    # The calendar, which is a background of a part of it, stands in the last fifth.
    calendar = ink.crop((ink.width - 28, 2, ink.width - 4, ink.height - 2))

    assert area(calendar, (0, 0, 0)) >= 10


def test_a_picture_of_what_is_not_laid_out_is_asked_for_by_nobody_until_it_is(
    probed: Page, site: Site, images: Site, plain: Judged, plain_colour: tuple[int, int, int]
) -> None:
    images.put(plain.name, plain.data)
    path = f"/{plain.name}?laid-out"
    inside = f'<div style="{BOX}; background: url({images.url}{path})"></div>'
    probed.goto(site.page("css-hidden", f'<main id="main" hidden><p>{inside}</p></main>'))
    probed.wait_for_timeout(500)
    before = images.asked[path]

    frames = filmed(probed, lambda: probed.evaluate("main.hidden = false"), 1000)

    assert before == 0
    assert area(frames[-1], plain_colour) >= 6000
