"""What leaves the browser, and what stays on the disk: nothing that a page alone would not cause."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Playwright

from tests.extension.browser import assemble, browser_with
from tests.extension.conftest import DIST
from tests.extension.judged import Judged
from tests.extension.recorder import Asked, Recorder

# Of pages, one of them no secure context, and of pictures.
PAGE, INSECURE = "page.localhost", "page.test"
# As unlikely as it gets in any file that is not about these hosts.
TOKEN = "qvxzj"
OPEN, CLOSED, FAR = (f"{TOKEN}-{name}.localhost" for name in ("open", "closed", "far"))
PLAIN = f"{TOKEN}.test"
HOSTS = {PAGE, INSECURE, OPEN, CLOSED, FAR, PLAIN}

JUDGED = """
  [...document.images].filter(i => i.currentSrc && i.loading !== 'lazy').every(i => i.hasAttribute('data-flinch'))
"""


@dataclass(frozen=True)
class Trip:
    """What one visit to the same pages has caused."""

    asked: list[Asked]
    hosts: set[str]
    profile: Path


@pytest.fixture(scope="module")
def internet() -> Iterator[Recorder]:
    """Serve every host there is."""
    recorder = Recorder()
    yield recorder
    recorder.close()


@pytest.fixture(scope="module")
def pages(internet: Recorder, covered: Judged, harmless: Judged) -> list[str]:
    """Put pages that show pictures in every way, or could and do not, on the internet; return their addresses."""
    internet.cors_hosts = {OPEN}
    for host in HOSTS:
        for picture in (covered, harmless):
            for number in range(12):
                internet.files[host, f"/{number}/{picture.name}"] = picture.data
    internet.moved[CLOSED, f"/moved/{covered.name}"] = f"http://{FAR}/11/{covered.name}"

    def at(host: str, number: int, picture: Judged = harmless) -> str:
        return f"http://{host}/{number}/{picture.name}"

    shown = f"""
      <img src="{at(PAGE, 0)}"> <img src="{at(OPEN, 0)}"> <img src="{at(OPEN, 1, covered)}" crossorigin>
      <img src="{at(CLOSED, 0)}"> <img src="{at(CLOSED, 1, covered)}"> <img src="http://{CLOSED}/nowhere.png">
      <img src="http://{CLOSED}/moved/{covered.name}"> <img src="{at(PLAIN, 2)}" referrerpolicy=no-referrer>
      <input type=image src="{at(CLOSED, 2)}"> <video poster="{at(CLOSED, 3)}"></video>
      <svg width=50 height=50><image href="{at(CLOSED, 4)}" width=50 height=50 /></svg>
      <object data="{at(CLOSED, 5)}" type="image/png"></object>
      <div style="width:60px;height:60px;background:url('{at(CLOSED, 6)}')"></div>
      <iframe srcdoc="&lt;img src='{at(CLOSED, 7)}'&gt;"></iframe>
    """
    # A browser loads none of these.
    unseen = f"""
      <picture><source media="(max-width: 1px)" srcset="{at(FAR, 0)}"><img src="{at(OPEN, 2)}"></picture>
      <img srcset="{at(OPEN, 3)} 1x, {at(FAR, 1)} 9x"> <template><img src="{at(FAR, 2)}"></template>
      <div style="height:9000px"></div><img loading=lazy src="{at(FAR, 3)}">
      <div hidden><p style="background:url('{at(FAR, 4)}')"></p></div>
      <style>.no::before {{ content: url('{at(FAR, 5)}') }} a:hover {{ background: url('{at(FAR, 6)}') }}
        @media print {{ body {{ background: url('{at(FAR, 7)}') }} }}</style> <a href="{at(FAR, 8)}">a link</a>
      <p data-src="{at(FAR, 9)}" title="{at(FAR, 10)}">{at(FAR, 10)}</p>
    """
    addresses = []
    for host in (PAGE, INSECURE):
        internet.files[host, "/"] = f"<!doctype html><title>x</title>{shown}{unseen}".encode()
        addresses.append(f"http://{host}/")
    return addresses


@pytest.fixture(scope="module")
def trips(
    playwright: Playwright,
    bundle: Path,
    internet: Recorder,
    pages: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Trip]:
    """Visit the pages in a browser without the extension, then in one with it."""
    folder = tmp_path_factory.mktemp("trips")
    found = {}
    for name, extension in (("without", None), ("with", assemble(DIST, bundle, folder / "extension"))):
        log, profile = folder / f"{name}.json", folder / name
        internet.asked.clear()
        arguments = (*internet.browser_arguments, f"--log-net-log={log}")
        with browser_with(playwright, extension, profile, *arguments) as context:
            visit(context, pages, extension is not None)
        # What the browser says of itself to its maker is no business of ours.
        asked = [asked for asked in internet.asked if asked.host in HOSTS]
        found[name] = Trip(asked, {asked.host for asked in internet.asked} | hosts_in(log), profile)
    return found


def visit(context: BrowserContext, pages: list[str], judged: bool) -> None:
    page = context.new_page()
    # As a reader who has been there: cookies of the pictures' hosts.
    for host in (CLOSED, OPEN):
        page.goto(f"http://{host}/set-cookies")
    for address in pages:
        page.goto(address)
        if judged:
            page.wait_for_function(JUDGED)
        # Whatever else might be asked for.
        page.wait_for_timeout(1500)
    page.close()


def hosts_in(log: Path) -> set[str]:
    """Return the hosts of all requests in a browser's own network log."""
    events = json.loads(log.read_text(errors="replace"))["events"]
    urls = [event["params"]["url"] for event in events if "url" in event.get("params", {})]
    return {urlsplit(url).hostname or "" for url in urls if url.startswith(("http", "ws"))}


def test_nothing_is_asked_for_that_the_page_did_not_ask_for_itself(trips: dict[str, Trip]) -> None:
    without, with_it = trips["without"], trips["with"]

    assert {asked.what for asked in with_it.asked} == {asked.what for asked in without.asked}
    assert with_it.hosts == without.hosts
    # The control: pictures without CORS were asked for by the page, and once more by the extension.
    assert len(with_it.asked) > len(without.asked)


def test_a_picture_is_asked_for_with_no_more_cookies_and_referrers_than_the_page_sends(
    trips: dict[str, Trip],
) -> None:
    without, with_it = trips["without"], trips["with"]

    cookies = {asked.what: asked.cookies for asked in without.asked}
    referrers = {(asked.what, asked.referrer) for asked in without.asked}
    assert [a for a in with_it.asked if not a.cookies <= cookies[a.what]] == []
    assert [a for a in with_it.asked if a.referrer and (a.what, a.referrer) not in referrers] == []
    # The control: there were cookies to send.
    assert any("none=1" in asked.cookies for asked in without.asked)


def test_no_place_on_the_disk_knows_more_addresses_than_without_the_extension(
    trips: dict[str, Trip],
) -> None:
    without, with_it = trips["without"], trips["with"]

    assert places_with(TOKEN, with_it.profile) == places_with(TOKEN, without.profile)
    # The controls: verdicts were written, and the browser's own history is found by this search.
    assert any((with_it.profile / "Default" / "IndexedDB").rglob("*.log"))
    assert "Default/History" in places_with(TOKEN, without.profile)


def places_with(token: str, profile: Path) -> set[str]:
    """Return the files and folders of a profile, two names deep, that hold a token in some encoding of text."""
    forms = (token.encode(), token.encode("utf-16-le"))
    found = set()
    for file in profile.rglob("*"):
        if file.is_file() and any(form in file.read_bytes() for form in forms):
            found.add("/".join(file.relative_to(profile).parts[:2]))
    return found
