"""What others get of the extension: pages nothing at all, readers a privacy page that any site can host."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.extension.browser import open_extension_page
from tests.extension.conftest import DIST
from tests.extension.site import Site

AXE = DIST.parent / "node_modules" / "axe-core" / "axe.min.js"

LOADED = """async (address) => {
  const loaded = (tag) => new Promise((resolve) => {
    const element = document.createElement(tag);
    element.onload = () => resolve(true);
    element.onerror = () => resolve(false);
    element.src = address;
    document.body.append(element);
  });
  const fetched = (mode) => fetch(address, { mode }).then(() => true, () => false);
  return [await fetched("cors"), await fetched("no-cors"), await loaded("script"), await loaded("img")];
}"""


def root_of(browser: BrowserContext) -> str:
    return browser.service_workers[0].url.removesuffix("background.js")


def test_a_page_gets_no_file_of_the_extension_the_model_included(
    browser: BrowserContext, page: Page, site: Site, bundle: Path
):
    weights = [file.name for file in bundle.glob("*.bin")]
    files = [f"model/{name}" for name in ["bundle.json", "model.json", *weights]]
    files += ["manifest.json", "worker.js", "pictures.css", "tfjs-backend-wasm-simd.wasm", "icons/128.png"]
    inside = open_extension_page(browser, "options.html")
    page.goto(site.page("outside", "<p>Let me in.</p>"))

    for name in files:
        address = root_of(browser) + name
        assert inside.evaluate("address => fetch(address).then(answer => answer.ok)", address), name
        assert page.evaluate(LOADED, address) == [False] * 4, name
    inside.close()


def test_no_page_can_frame_a_page_of_the_extension(browser: BrowserContext, page: Page, site: Site):
    address = f"{root_of(browser)}options.html"

    page.goto(site.page("framing", f'<iframe src="{address}"></iframe>'))
    page.wait_for_timeout(500)

    assert [frame.url for frame in page.frames if frame.url == address] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_the_privacy_page(browser: BrowserContext, scheme: str):
    page = browser.new_page()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 600})
    page.goto(f"{root_of(browser)}privacy.html")

    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then(result => result.violations.map(({ id }) => id))")
    narrow = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()

    assert found == []
    assert narrow
