"""How pictures get their verdicts: by which way, in which order, how often asked, for how long remembered."""

import base64
import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Playwright

from tests.extension.browser import (
    assemble,
    browser_with,
    open_extension_page,
    seen_plainly,
    seen_unjudged,
    states,
    wait_until_settled,
)
from tests.extension.conftest import DIST
from tests.extension.judged import Judged
from tests.extension.site import Site

TALL = '<div style="height: 20000px"></div>'


def wait_for(condition: Callable[[], bool], page: Page, seconds: float = 30) -> None:
    """Wait until something holds outside the browser."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came to hold"
        page.wait_for_timeout(20)


@pytest.mark.parametrize("check", ["referer", "embedded", "referer&embedded"])
def test_a_host_that_checks_who_asks_is_asked_as_the_page_would_ask(
    page: Page, site: Site, images: Site, covered: Judged, harmless: Judged, check: str
) -> None:
    one, other = f"/{covered.name}?{check}", f"/{harmless.name}?{check}"
    address = site.page(
        f"checked-{len(check)}", f'<img id="a" src="{images.url}{one}"><img id="b" src="{images.url}{other}">'
    )

    page.goto(address)
    wait_until_settled(page, 2)

    assert states(page) == {"a": "covered", "b": "shown"}
    # Its origin, and nothing more of the page's address.
    assert images.referers[one] == images.referers[other] == f"{site.url}/"


def test_a_host_that_hands_out_another_picture_is_not_believed(
    page: Page, site: Site, images: Site, covered: Judged, harmless: Judged
) -> None:
    sign = Image.open(io.BytesIO(harmless.data)).resize((300, 40))
    images.put("another.png", encoded(sign, "PNG"))
    source = f"{images.url}/{covered.name}?swapped=another.png"
    address = site.page("another", f'<img id="it" src="{source}">')

    page.goto(address)
    wait_until_settled(page, 1)

    assert states(page) == {"it": "hidden"}
    assert seen_plainly(page, source) == []


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("cross", [True, False])
def test_an_animation_is_covered_when_only_its_third_frame_triggers(
    page: Page, site: Site, images: Site, covered: Judged, harmless: Judged, kind: str, cross: bool
) -> None:
    bad = Image.open(io.BytesIO(covered.data)).convert("RGB")
    calm = Image.open(io.BytesIO(harmless.data)).convert("RGB").resize(bad.size)
    host = images if cross else site
    suffix = kind.lower()
    still = {"duration": 500, "loop": 0, "save_all": True}
    triggering = encoded(
        calm, kind, append_images=[turned(calm, 1), bad, turned(calm, 2), turned(calm, 3)], **still
    )
    calmer = encoded(calm, kind, append_images=[turned(calm, n) for n in range(1, 5)], **still)
    one = host.put(f"moving-{cross}.{suffix}", triggering)
    other = host.put(f"calm-{cross}.{suffix}", calmer)
    address = site.page(f"moving-{suffix}-{cross}", f'<img id="a" src="{one}"><img id="b" src="{other}">')

    page.goto(address)
    wait_until_settled(page, 2)

    assert states(page) == {"a": "covered", "b": "shown"}
    assert seen_plainly(page, one) == []


def turned(image: Image.Image, by: int) -> Image.Image:
    """Return the picture with a few pixels of another colour, so that no encoder drops the frame."""
    copy = image.copy()
    copy.paste((40 * by, 90, 120), (0, 0, 4, 4))
    return copy


def test_the_same_picture_is_asked_for_once_across_frames(
    page: Page, site: Site, images: Site, harmless: Judged
) -> None:
    source = f"{images.url}/{harmless.name}?frames&delay=0.3"
    site.page("inner", f'<img id="it" src="{source}">')
    frames = "".join(f'<iframe src="inner.html?{n}"></iframe>' for n in range(4))
    address = site.page("outer", f'<img id="it" src="{source}">{frames}')

    page.goto(address)
    for frame in page.frames:
        frame.wait_for_selector("img[data-flinch]")

    assert {frame.locator("img").get_attribute("data-flinch") for frame in page.frames} == {"shown"}
    # Once for the pages, which share the browser's cache, and once for the extension.
    assert images.asked[source.removeprefix(images.url)] <= 2


def test_what_is_looked_at_is_judged_before_what_is_far_below(
    page: Page, site: Site, images: Site, harmless: Judged
) -> None:
    far = [f"{images.url}/{harmless.name}?far={n}" for n in range(60)]
    near = f"{images.url}/{harmless.name}?near"
    body = TALL + "".join(f'<img class="far" src="{address}">' for address in far)
    # The picture that is seen comes last of all. Which was judged when is noted in the page: from outside one comes
    # to see it when a fast processor is done with all of them.
    script = f"""
      const order = [];
      new MutationObserver((mutations) => {{
        for (const {{ target }} of mutations) if (!order.includes(target)) order.push(target);
      }}).observe(document, {{ subtree: true, attributes: true, attributeFilter: ["data-flinch"] }});
      document.body.prepend(Object.assign(new Image(), {{ id: "near", src: {near!r} }}));
    """
    address = site.page("order", f"{body}<script>{script}</script>")

    page.goto(address)
    wait_until_settled(page, 61)

    assert page.locator("#near").get_attribute("data-flinch") == "shown"
    assert page.evaluate("order.indexOf(document.getElementById('near'))") < len(far) / 2


def test_a_host_that_lets_nobody_read_its_pictures_is_not_asked_again_for_each_of_them(
    page: Page, site: Site, images: Site, harmless: Judged
) -> None:
    addresses = [f"{images.url}/{harmless.name}?closed={n}" for n in range(6)]
    page.goto(site.page("closed", ""))
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if request.resource_type == "fetch" else None)

    for count, address in enumerate(addresses, start=1):
        page.evaluate("src => document.body.append(Object.assign(new Image(), {src}))", address)
        wait_until_settled(page, count)

    assert page.locator("img[data-flinch=shown]").count() == len(addresses)
    # By the page's frame, from its cache; then the extension's own download is left.
    assert fetched == addresses[:3]


def test_a_picture_that_leaves_the_page_is_not_fetched_to_the_end(
    page: Page, site: Site, images: Site, harmless: Judged
) -> None:
    path = f"/{harmless.name}?second=20"
    address = site.page("leaves", f'<img id="it" src="{images.url}{path}">')
    page.goto(address)
    page.wait_for_function("document.images[0].complete")
    wait_for(lambda: images.asked[path] > 1, page)

    page.evaluate("document.images[0].remove()")

    wait_for(lambda: images.gone[path] == images.asked[path] - 1, page, 15)


def test_a_verdict_is_remembered_across_a_restart_of_the_browser_and_no_address_is(
    playwright: Playwright,
    site: Site,
    images: Site,
    covered: Judged,
    harmless: Judged,
    bundle: Path,
    tmp_path: Path,
) -> None:
    paths = [f"/{picture.name}?mnemosyne" for picture in (covered, harmless)]
    body = "".join(f'<img id="p{n}" src="{images.url}{path}">' for n, path in enumerate(paths))
    address = site.page("remembered", body)
    extension = assemble(DIST, bundle, tmp_path / "extension")

    asked = []
    for _ in range(2):
        images.asked.clear()
        with browser_with(playwright, extension, tmp_path / "profile") as context:
            page = context.new_page()
            page.goto(address)
            wait_until_settled(page, 2)
            assert states(page) == {"p0": "covered", "p1": "shown"}
            assert seen_unjudged(page) == []
            page.wait_for_timeout(1500)  # verdicts are written a second later
        asked.append(dict(images.asked))

    # The first time once for the page and once to be judged; then the page finds it in the browser's cache.
    assert [asked[0].get(path) for path in paths] == [2, 2]
    assert [asked[1].get(path, 0) for path in paths] == [0, 0]
    disk = tmp_path / "profile" / "Default" / "IndexedDB"
    written = b"".join(file.read_bytes() for file in disk.rglob("*") if file.is_file())
    assert "verdicts".encode("utf-16-be") in written
    for word in ("mnemosyne", "localhost"):
        assert word.encode() not in written
        assert word.encode("utf-16-be") not in written


def test_on_a_page_without_https_the_bytes_of_an_address_are_judged_too(
    playwright: Playwright, site: Site, covered: Judged, bundle: Path, tmp_path: Path
) -> None:
    data = f"data:image/png;base64,{base64.b64encode(covered.data).decode()}"
    address = site.page("insecure", f'<img id="it" src="{data}">').replace("127.0.0.1", "insecure.test")
    extension = assemble(DIST, bundle, tmp_path / "extension")

    named = "--host-resolver-rules=MAP insecure.test 127.0.0.1"
    with browser_with(playwright, extension, tmp_path / "profile", named) as context:
        page = context.new_page()
        page.goto(address)
        wait_until_settled(page, 1)

        assert page.evaluate("isSecureContext") is False
        assert states(page) == {"it": "covered"}


def test_a_trial_on_this_computer_chooses_where_the_network_runs(
    playwright: Playwright, bundle: Path, tmp_path: Path
) -> None:
    extension = assemble(DIST, bundle, tmp_path / "extension")

    # A graphics processor that is drawn by the CPU: it is there, and much slower.
    software = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    with browser_with(playwright, extension, tmp_path / "profile", *software) as context:
        page = open_extension_page(context, "options.html")
        found = page.evaluate(
            """() => new Promise((resolve) => {
              new Worker("trial.js", { type: "module" }).onmessage = ({ data }) => resolve(data);
            })"""
        )

    assert found["chosen"] == "wasm"
    assert found["medians"]["wasm"] < found["medians"]["webgl"]


@pytest.mark.parametrize("there", [True, False])
def test_a_backend_that_won_judges_and_where_it_is_gone_wasm_does(
    playwright: Playwright, site: Site, images: Site, covered: Judged, bundle: Path, tmp_path: Path, there: bool
) -> None:
    extension = assemble(DIST, bundle, tmp_path / "extension")
    won = {"key": f"{id_of(bundle)} {version_of(extension)}", "name": "webgl" if there else "webgpu"}
    with browser_with(playwright, extension, tmp_path / "profile") as context:
        open_extension_page(context, "options.html").evaluate(NOTE, won)

    # WebGL that is drawn by the CPU; WebGPU is never there without a graphics processor.
    software = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    with browser_with(playwright, extension, tmp_path / "profile", *software) as context:
        options = open_extension_page(context, "options.html")
        # While both load there are two; in the end the one that can judge is left.
        wait_for(lambda: there or options.evaluate(NOTED)["name"] == "wasm", options)
        options.wait_for_timeout(2000)
        wait_for(lambda: workers(context, options) == 1, options)
        page = context.new_page()
        page.goto(site.page("won", f'<img id="it" src="{images.url}/{covered.name}?won={there}">'))
        wait_until_settled(page, 1)

        assert states(page) == {"it": "covered"}
        # What was not there is not tried again before the next version.
        assert options.evaluate(NOTED)["name"] == ("webgl" if there else "wasm")


NOTE = """won => new Promise((resolve, reject) => {
  const opening = indexedDB.open("flinch");
  opening.onerror = reject;
  opening.onsuccess = () => {
    const writing = opening.result.transaction("facts", "readwrite");
    writing.objectStore("facts").put(won, "backend");
    writing.oncomplete = resolve;
  };
})"""
NOTED = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("flinch");
  opening.onerror = reject;
  opening.onsuccess = () => {
    const reading = opening.result.transaction("facts").objectStore("facts").get("backend");
    reading.onsuccess = () => resolve(reading.result);
  };
})"""


def version_of(extension: Path) -> str:
    return str(json.loads((extension / "manifest.json").read_text())["version"])


def id_of(bundle: Path) -> str:
    return str(json.loads((bundle / "bundle.json").read_text())["id"])


def workers(context: BrowserContext, page: Page) -> int:
    session = context.new_cdp_session(page)
    targets = session.send("Target.getTargets")["targetInfos"]
    session.detach()
    return sum(target["type"] == "worker" for target in targets)
