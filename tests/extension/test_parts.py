"""Pictures that a rule for everything would hide at too high a price: of first letters, lines and scroll bars."""

import base64

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.extension.screen import MARKER, area, filmed, flat, leaked
from tests.extension.settings import changed
from tests.extension.site import Site

BOX = "width: 120px; height: 90px; font-size: 60px; overflow: hidden"
# Loaded in the same task in which a rule asks for it; never judged, as nobody asks for a verdict.
PICTURE = f"url(data:image/png;base64,{base64.b64encode(flat(MARKER)).decode()})"

PARTS = {
    "first letter": f"#it::first-letter {{ background: {PICTURE} }}",
    "first letter by its old name": f"#it:first-letter {{ background-image: {PICTURE} !important }}",
    "first letter by a variable": f":root {{ --it: {PICTURE} }} #it::first-letter {{ background: var(--it) }}",
    "first letter by what it is in": f"""#it {{ background: {PICTURE} 9999px 0 no-repeat }}
        #it::first-letter {{ background: inherit; background-position: 0 0; background-repeat: repeat }}""",
    "border of a first letter": f"#it::first-letter {{ border: 9px solid; border-image: {PICTURE} 9 fill }}",
    "first line": f"#it::first-line {{ background: {PICTURE} }}",
    "scroll bar": f"""#it {{ overflow: scroll }}
        #it::-webkit-scrollbar {{ width: 40px; background: {PICTURE} }}""",
    "corner of scroll bars": f"""#it {{ overflow: scroll; resize: both }} #it::-webkit-scrollbar {{ width: 40px }}
        #it::-webkit-resizer {{ background: {PICTURE} }}""",
}
LETTER = f"::first-letter {{ background: {PICTURE} }}"

# How such a rule comes into force.
WAYS = {
    "nested": f"<style>#it {{ @media screen {{ &{LETTER} }} }}</style>",
    "in a layer": f"<style>@layer top {{ @supports (color: red) {{ #it{LETTER} }} }}</style>",
    "with a rule inside": f"<style>#it::first-letter {{ @media screen {{ background: {PICTURE} }} }}</style>",
    "escaped": f"<style>#it{LETTER.replace('first', 'f' + chr(92) + '69 rst')}</style>",
    "linked": "<link rel=stylesheet href='letter.css'>",
    "linked late": """<script>setTimeout(() => {
        document.head.insertAdjacentHTML('beforeend', '<link rel=stylesheet href=letter.css?delay=0.3>')
    }, 300)</script>""",
    "imported": "<style>@import url(letter.css?delay=0.2)</style>",
    "imported by a sheet that is imported": "<style>@import url(imports.css?delay=0.2)</style>",
    "imported by a script": """<style></style><script>const [sheet] = document.styleSheets;
        setTimeout(() => sheet.insertRule('@import url(letter.css?delay=0.2)'), 300)</script>""",
    "inserted": f"""<style></style><script>const [sheet] = document.styleSheets;
        setTimeout(() => sheet.insertRule(`#it{LETTER}`), 300)</script>""",
    "adopted": f"""<script>const sheet = new CSSStyleSheet(); sheet.replaceSync(`#it{LETTER}`);
        document.adoptedStyleSheets = [sheet]</script>""",
    "adopted empty": f"""<script>const sheet = new CSSStyleSheet(); document.adoptedStyleSheets = [sheet];
        setTimeout(() => sheet.replaceSync(`#it{LETTER}`), 300)</script>""",
    "written late": f"""<style id="late"></style>
        <script>setTimeout(() => {{ late.textContent = `#it{LETTER}` }}, 300)</script>""",
}
SHADOW = f"""<script>it.attachShadow({{ mode: 'closed' }}).innerHTML =
    `<style>p{LETTER}</style><p>Letter</p>`</script>"""


def page_of(site: Site, name: str, head: str, more: str = "") -> str:
    """Serve a page with a box of text, which overflows it."""
    site.put("letter.css", f"#it{LETTER}".encode())
    site.put("imports.css", b"@import url(letter.css?delay=0.2);")
    box = f'<div id="it" style="{BOX}">Letter<br>Letter<br>Letter</div>'
    style = "<style>#it { resize: none } #it::-webkit-scrollbar-thumb { background: gray }</style>"
    return site.page(f"parts-{name.replace(' ', '-')}", box.replace("; overflow: hidden", "") + more, style + head)


@pytest.mark.parametrize("part", PARTS)
def test_a_picture_of_a_part_is_not_painted(page: Page, site: Site, part: str) -> None:
    address = page_of(site, part, f"<style>{PARTS[part]}</style>")

    frames = filmed(page, lambda: page.goto(address), 700)

    assert leaked(frames) == 0


@pytest.mark.parametrize("way", [*WAYS, "in a shadow root"])
def test_however_its_rule_comes_into_force(page: Page, site: Site, way: str) -> None:
    address = page_of(site, way, WAYS.get(way, ""), "" if way in WAYS else SHADOW)

    frames = filmed(page, lambda: page.goto(address), 1200)

    assert leaked(frames) == 0


def test_a_part_without_a_picture_is_as_the_page_wants_it_and_so_are_all_on_a_site_that_is_switched_off(
    page: Page, browser: BrowserContext, site: Site
) -> None:
    blue = (0, 90, 200)
    gradient = f"#it::first-letter {{ background: linear-gradient(rgb{blue}, rgb{blue}) }}"
    line = f"#it::first-line {{ background: {PICTURE} }}"

    gradients = filmed(page, lambda: page.goto(page_of(site, "gradient", f"<style>{gradient}</style>")), 500)
    page.goto(page_of(site, "off", f"<style>{line}</style>"))
    page.wait_for_timeout(500)
    with changed(browser, on=False):
        page.wait_for_selector("html[data-flinch-off]")
        off = filmed(page, lambda: None, 300)
    page.wait_for_selector("html:not([data-flinch-off])")
    on = filmed(page, lambda: None, 300)

    assert area(gradients[-1], blue) > 500
    assert leaked(off) > 500
    assert leaked(on[-1:]) == 0


def test_a_sheet_that_comes_while_flinch_is_off_is_as_the_page_wants_it(
    page: Page, browser: BrowserContext, site: Site
) -> None:
    with changed(browser, on=False):
        off = filmed(page, lambda: page.goto(page_of(site, "imported off", WAYS["imported"])), 1500)

    assert leaked(off[-1:]) > 500


@pytest.mark.parametrize("it", ["#it", "#it::before"])
def test_a_style_to_start_from_shows_nothing_either(page: Page, site: Site, images: Site, it: str) -> None:
    images.put("marker.png", flat(MARKER))
    held = f"{images.url}/marker.png?held&starting"
    head = f"""<style>
        #it::before {{ content: ''; display: block; height: 60px }}
        {it} {{ transition: background 2s allow-discrete }}
        @starting-style {{ {it} {{ background: url({held}) }} }}
    </style>"""
    # So that it is there when it is asked for.
    early = f'<img src="{held}" width="1" height="1">'

    frames = filmed(page, lambda: page.goto(page_of(site, "starting", head, early)), 1500)

    assert leaked(frames) == 0
