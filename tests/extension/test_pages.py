"""The popup, the options, the first-run page: what they do, and that everybody can use them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.extension.browser import (
    assemble,
    first_run_page,
    open_extension_page,
    started_with,
    wait_until_settled,
)
from tests.extension.conftest import DIST
from tests.extension.judged import Judged
from tests.extension.site import Site

AXE = DIST.parent / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ("popup.html", "options.html", "welcome.html")
BLURRED = "blur(24px) contrast(0.6) saturate(0.6)"


@pytest.fixture(autouse=True)
def as_installed(browser: BrowserContext) -> Iterator[None]:
    """Give every test the settings of a fresh install."""
    yield
    browser.service_workers[0].evaluate(
        "Promise.all([chrome.storage.sync.clear(), chrome.storage.session.clear()])"
    )


def stored(context: BrowserContext, area: str = "sync") -> dict[str, object]:
    found: dict[str, object] = context.service_workers[0].evaluate(f"chrome.storage.{area}.get()")
    return found


def tab_of(context: BrowserContext, page: Page) -> int:
    query = "url => chrome.tabs.query({}).then(tabs => tabs.find(tab => tab.url === url).id)"
    number: int = context.service_workers[0].evaluate(query, page.url)
    return number


def popup_over(context: BrowserContext, page: Page) -> Page:
    return open_extension_page(context, f"popup.html?tab={tab_of(context, page)}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_to_say(browser: BrowserContext, name: str, scheme: str) -> None:
    page = open_extension_page(browser, name)
    page.emulate_media(color_scheme=scheme)
    # Where everything has something to show.
    if name == "options.html":
        page.get_by_label("Site or address").fill("example.com")
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_role("button", name="Remove example.com").wait_for()
        page.get_by_role("button", name="Add", exact=True).click()

    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then(result => result.violations)")
    page.close()

    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_width_of_320_pixels_is_enough(browser: BrowserContext, name: str) -> None:
    page = open_extension_page(browser, name)

    page.set_viewport_size({"width": 320, "height": 600})

    assert page.evaluate("[innerWidth, document.documentElement.scrollWidth <= innerWidth]") == [320, True]
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_everything_is_reached_by_the_keyboard_and_can_be_seen_to_be(browser: BrowserContext, name: str) -> None:
    page = open_extension_page(browser, name)
    wanted = page.evaluate(
        """() => [...document.querySelectorAll("a, button, input:not([type=file]):not([type=radio])")]
            .filter(element => !element.disabled).length
            + new Set([...document.querySelectorAll("[type=radio]")].map(radio => radio.name)).size"""
    )

    rings = []
    for _ in range(wanted):
        page.keyboard.press("Tab")
        rings.append(
            page.evaluate(
                """() => [document.activeElement.tagName + document.activeElement.id,
                    getComputedStyle(document.activeElement).outlineStyle]"""
            )
        )
    page.close()

    assert wanted > 0
    assert {ring for _, ring in rings} == {"solid"}
    assert "BODY" not in [name for name, _ in rings]


def test_a_choice_in_the_popup_is_kept_and_shown_by_every_page(browser: BrowserContext) -> None:
    options = open_extension_page(browser, "options.html")
    popup = open_extension_page(browser, "popup.html")

    popup.get_by_role("radio", name="Much").check()
    popup.get_by_role("radio", name="A soft colour").check()
    popup.get_by_role("switch", name="Cover pictures").first.uncheck()

    expect(options.get_by_role("radio", name="Much")).to_be_checked()
    expect(options.get_by_role("radio", name="A soft colour")).to_be_checked()
    expect(options.get_by_role("switch", name="Cover pictures")).not_to_be_checked()
    expect(popup.locator("#status")).to_have_text("Flinch is off: all pictures are shown.")
    assert stored(browser) == {"strictness": "strict", "cover": "pastel", "on": False}
    options.close()
    popup.close()


def test_each_strictness_is_explained_by_the_models_own_numbers(browser: BrowserContext, bundle: Path) -> None:
    model = json.loads((bundle / "bundle.json").read_text())
    popup = open_extension_page(browser, "popup.html")
    facts = popup.locator("#strictness-facts")

    for name, level in [("Little", "lenient"), ("Balanced", "balanced"), ("Much", "strict")]:
        popup.get_by_role("radio", name=name).check()
        if "strictness" not in model["threshold"]:
            expect(facts).to_have_text("This model knows one level only: the choice changes nothing.")
        else:
            share = round(model["threshold"]["strictness"][level] * 100)
            expect(facts).to_contain_text(f"from a probability of {share}% on.")
    popup.close()


def test_switching_a_site_off_and_on_keeps_the_list(browser: BrowserContext, site: Site, page: Page) -> None:
    page.goto(site.page("popup", "<p>a page</p>"))
    popup = popup_over(browser, page)
    switch = popup.get_by_role("switch", name="Cover pictures on 127.0.0.1")

    switch.uncheck()
    expect(popup.locator("#status")).to_have_text("All pictures are shown on this site.")
    off = stored(browser)
    switch.check()
    expect(popup.locator("#status")).to_have_text("No picture is covered on this page.")

    assert off == {"allowed": ["127.0.0.1"]}
    assert stored(browser) == {"allowed": []}
    popup.close()


def test_a_page_of_the_browser_is_no_site(browser: BrowserContext) -> None:
    popup = open_extension_page(browser, "popup.html")

    expect(popup.locator("#site")).to_be_disabled()
    expect(popup.locator("#status")).to_have_text("Flinch cannot look at this page.")
    popup.close()


def test_sites_are_added_as_typed_and_removed(browser: BrowserContext) -> None:
    options = open_extension_page(browser, "options.html")
    field = options.get_by_label("Site or address")

    for typed in ["https://www.Example.com/page?x", "other.example:8080"]:
        field.fill(typed)
        field.press("Enter")
        expect(field).to_have_value("")
    listed = options.locator("#sites li span").all_text_contents()
    options.get_by_role("button", name="Remove other.example").click()
    expect(options.locator("#sites li")).to_have_count(1)

    assert listed == ["other.example", "www.example.com"]
    assert stored(browser) == {"allowed": ["www.example.com"]}
    expect(options.locator("#sites-status")).to_have_text("other.example was removed.")
    options.close()


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("two words", "That is no site: write example.com or https://example.com/page."),
        ("www.known.example", "www.known.example is on the list already."),
        ("a-rather-long-name-for-a-site.example", "allowed: the list is full; remove a site first"),
    ],
)
def test_a_site_that_cannot_be_added_says_why(browser: BrowserContext, typed: str, answer: str) -> None:
    many = ["known.example", *(f"site-{number}.example.com" for number in range(100, 446))]
    browser.service_workers[0].evaluate("allowed => chrome.storage.sync.set({ allowed })", many)
    options = open_extension_page(browser, "options.html")
    field = options.get_by_label("Site or address")

    field.fill(typed)
    field.press("Enter")

    expect(options.locator("#sites-complaint")).to_have_text(answer)
    expect(field).to_have_value(typed)
    options.close()


def test_settings_written_to_a_file_are_read_from_it(browser: BrowserContext, tmp_path: Path) -> None:
    chosen = {"cover": "solid", "strictness": "strict", "allowed": ["example.com"], "badge": False}
    browser.service_workers[0].evaluate("chosen => chrome.storage.sync.set(chosen)", chosen)
    options = open_extension_page(browser, "options.html")

    with options.expect_download() as download:
        options.get_by_role("button", name="Save to a file").click()
    download.value.save_as(tmp_path / "settings.json")
    browser.service_workers[0].evaluate("chrome.storage.sync.clear()")
    options.locator("#import-file").set_input_files(tmp_path / "settings.json")
    expect(options.locator("#transfer-status")).to_have_text("The settings have been taken over.")

    assert stored(browser).items() >= chosen.items()
    expect(options.get_by_role("radio", name="A plain grey")).to_be_checked()
    options.close()


def test_what_is_remembered_is_counted_and_forgotten(
    browser: BrowserContext, site: Site, images: Site, page: Page, covered: Judged, harmless: Judged
) -> None:
    body = "".join(f'<img src="{images.url}/{one.name}?n=kept" width="200">' for one in (covered, harmless))
    page.goto(site.page("kept", body))
    wait_until_settled(page, 2)
    options = open_extension_page(browser, "options.html")
    known = options.locator("#kept-verdicts")

    expect(known).to_have_text(re.compile("^[1-9]"))
    before = int(known.inner_text().replace(",", ""))
    options.get_by_role("button", name="Forget the verdicts").click()
    expect(options.locator("#kept-status")).to_have_text(
        "The verdicts are forgotten; pictures will be judged anew."
    )

    assert before >= 2
    expect(known).to_have_text("0")
    options.close()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "The file is no JSON."),
        ('{"a": 1}', "format: this is no file of Flinch's settings"),
        ('{"format": "flinch-settings-1", "settings": {"cover": "none"}}', "cover: there is no such choice"),
        ('{"format": "flinch-settings-1", "settings": {"on": 1}}', "on: it must be true or false"),
        ('{"format": "flinch-settings-1", "settings": {"alowed": []}}', "alowed: there is no such setting"),
    ],
)
def test_a_file_that_cannot_be_read_says_which_key_is_wrong_and_changes_nothing(
    browser: BrowserContext, text: str, complaint: str
) -> None:
    options = open_extension_page(browser, "options.html")

    options.locator("#import-file").set_input_files(
        {"name": "settings.json", "mimeType": "application/json", "buffer": text.encode()}
    )

    expect(options.locator("#transfer-complaint")).to_have_text(complaint)
    assert stored(browser) == {}
    options.close()


def test_a_file_cannot_switch_reports_on(browser: BrowserContext) -> None:
    text = '{"format": "flinch-settings-1", "settings": {"reports": true, "reportTo": "https://elsewhere.example"}}'
    options = open_extension_page(browser, "options.html")

    options.locator("#import-file").set_input_files(
        {"name": "settings.json", "mimeType": "application/json", "buffer": text.encode()}
    )

    expect(options.locator("#transfer-status")).to_contain_text("Reports stay off")
    expect(options.get_by_role("switch", name="Send my reports")).not_to_be_checked()
    assert stored(browser)["reports"] is False
    options.close()


def test_the_picture_of_the_first_run_page_is_shown_by_a_long_press_and_not_by_a_slip(
    browser: BrowserContext,
) -> None:
    page = open_extension_page(browser, "welcome.html")
    picture, button = page.locator("#picture"), page.locator("#show")

    expect(picture).to_have_css("filter", BLURRED)
    button.click()
    expect(picture).to_have_css("filter", BLURRED)
    expect(button).to_have_text("Press again to show")
    expect(page.locator("#trial-status")).to_have_text("Press once more to see the picture.")

    button.hover()
    page.mouse.down()
    expect(picture).to_have_css("filter", "none")
    page.mouse.up()
    page.wait_for_timeout(100)
    expect(picture).to_have_css("filter", "none")
    page.get_by_role("button", name="Hide again").click()
    expect(picture).to_have_css("filter", BLURRED)
    page.close()


def test_it_is_shown_by_the_keyboard_too(browser: BrowserContext) -> None:
    page = open_extension_page(browser, "welcome.html")
    picture, button = page.locator("#picture"), page.locator("#show")

    button.press("Enter")
    button.press("Enter")
    expect(picture).to_have_css("filter", BLURRED)
    page.wait_for_timeout(600)
    button.press("Space")

    expect(picture).to_have_css("filter", "none")
    expect(picture).to_have_attribute(
        "aria-label", "A drawing of a house on green hills, in front of mountains and under a sun"
    )
    page.close()


def test_the_first_run_page_opens_by_itself(playwright: Playwright, bundle: Path, tmp_path: Path) -> None:
    with started_with(playwright, assemble(DIST, bundle, tmp_path / "e"), tmp_path / "profile") as context:
        page = first_run_page(context)

        expect(page.get_by_role("heading", level=1)).to_have_text("Flinch is at work")
        assert page.evaluate("document.images.length") == 0
