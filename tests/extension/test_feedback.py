"""Reports: three fields, to the service that the reader has named, now or later, and otherwise nothing at all."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, Worker, expect
from sqlalchemy import select

from store.database import Store
from store.tables import Feedback
from tests.extension.browser import (
    assemble,
    browser_with,
    close_service_worker,
    in_content_script,
    open_extension_page,
    states,
    wait_until_settled,
)
from tests.extension.conftest import DIST
from tests.extension.judged import Judged
from tests.extension.service import Service
from tests.extension.site import Site
from tests.serving.conftest import start_server

__all__ = ["start_server"]

PICTURE = "https://reader:secret@pictures.example.com/one.jpg?w=640&utm_source=mail#top"
SENT = "https://pictures.example.com/one.jpg?w=640"


@pytest.fixture
def service() -> Iterator[Service]:
    opened = Service()
    yield opened
    opened.stop()


@pytest.fixture
def reporting(browser: BrowserContext, service: Service) -> Iterator[BrowserContext]:
    """Return the browser with reports switched on in its options; they are off again at the end."""
    switch_on(browser, service.url)
    yield browser
    worker(browser).evaluate("chrome.storage.sync.clear()")
    wait_until(browser, "chrome.storage.local.get('outbox').then(({ outbox }) => !outbox?.reports.length)")


@pytest.fixture
def reader(page: Page, site: Site) -> Page:
    """Return a page, from whose content script reports come."""
    page.goto(site.page("reader", "<p>a page</p>"))
    page.wait_for_timeout(200)
    return page


def switch_on(context: BrowserContext, address: str) -> None:
    options = open_extension_page(context, "options.html")
    options.get_by_label("Address of the service").fill(address)
    options.get_by_role("button", name="Save", exact=True).click()
    expect(options.locator("#endpoint")).to_have_text(f"Reports go to {address}/v1/feedback and nowhere else.")
    options.get_by_role("switch", name="Send my reports").check()
    wait_until(context, "chrome.storage.sync.get('reports').then(({ reports }) => reports)")
    options.close()


def worker(context: BrowserContext) -> Worker:
    return context.service_workers[-1]


def report(page: Page, address: str, says: str = "triggering") -> None:
    in_content_script(
        page, f"chrome.runtime.sendMessage({json.dumps({'type': 'report', 'address': address, 'says': says})})"
    )


def wait_until(context: BrowserContext, condition: str) -> None:
    """Wait until a promise of the service worker's is fulfilled with true; AssertionError after 10 s."""
    for _ in range(100):
        if worker(context).evaluate(condition):
            return
        context.pages[0].wait_for_timeout(100)
    raise AssertionError(f"not within 10 s: {condition}")


def wait_for(page: Page, service: Service, count: int) -> None:
    for _ in range(100):
        if len(service.told) >= count:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{len(service.told)} of {count} reports came within 10 s")


def outbox(context: BrowserContext) -> Any:
    return worker(context).evaluate("chrome.storage.local.get('outbox').then(({ outbox }) => outbox)")


def test_a_report_is_three_fields_and_nothing_that_names_the_reader(
    reporting: BrowserContext, reader: Page, service: Service
) -> None:
    # The service knows this browser already, from a page of its own.
    reader.context.add_cookies([{"name": "reader", "value": "4711", "url": service.url}])
    before = datetime.now(UTC).replace(microsecond=0)

    report(reader, PICTURE)
    wait_for(reader, service, 1)
    reader.wait_for_timeout(300)

    [told] = service.told
    body = json.loads(told.body)
    assert (told.method, told.path) == ("POST", "/v1/feedback")
    assert body.keys() == {"url", "verdict", "reported_at"}
    assert (body["url"], body["verdict"]) == (SENT, "trypophobia")
    assert before <= datetime.fromisoformat(body["reported_at"]) <= datetime.now(UTC)
    assert body["reported_at"].endswith("Z") and len(body["reported_at"]) == 20
    assert told.headers["Content-Type"] == "application/json"
    assert told.headers["Accept-Language"] == "*"
    assert told.headers["Cookie"] is told.headers["Referer"] is told.headers["Authorization"] is None
    assert outbox(reporting)["reports"] == []


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_the_projects_own_service_takes_it(
    browser: BrowserContext, reader: Page, store: Store, start_server: Any
) -> None:
    server = start_server(store.home)
    switch_on(browser, server.url)

    report(reader, PICTURE)
    report(reader, "https://pictures.example.com/two.jpg", "harmless")
    wait_until(browser, "chrome.storage.local.get('outbox').then(({ outbox }) => outbox?.reports.length === 0)")

    with store.session() as session:
        kept = {(row.url, row.verdict) for row in session.scalars(select(Feedback))}
    assert outbox(browser)["lost"] == {"refused": 0, "tooOld": 0, "noRoom": 0}
    worker(browser).evaluate("chrome.storage.sync.clear()")
    assert kept == {(SENT, "trypophobia"), ("https://pictures.example.com/two.jpg", "normal")}


def test_with_reports_off_nothing_is_kept_or_sent(browser: BrowserContext, reader: Page, service: Service) -> None:
    worker(browser).evaluate("url => chrome.storage.sync.set({ reportTo: url })", service.url)
    policy = in_content_script(reader, "chrome.runtime.sendMessage({ type: 'wake', covered: true })")["policy"]

    report(reader, PICTURE)
    reader.wait_for_timeout(500)
    worker(browser).evaluate("chrome.storage.sync.clear()")

    assert policy["reports"] is False
    assert service.told == []
    assert (outbox(browser) or {"reports": []})["reports"] == []


def test_a_picture_without_a_public_address_is_never_reported(
    reporting: BrowserContext, reader: Page, service: Service
) -> None:
    addresses = ["data:image/png;base64,AAAA", "sha256:00ff", "blob:http://example.com/1", "file:///home/me/a.jpg"]
    addresses += ["http://localhost/a.jpg", "http://192.168.1.1/a.jpg", reader.url, "chrome-extension://abc/a.png"]

    for address in addresses:
        report(reader, address)
    report(reader, PICTURE)
    wait_for(reader, service, 1)
    reader.wait_for_timeout(300)

    assert [json.loads(told.body)["url"] for told in service.told] == [SENT]


def test_reports_survive_being_offline_and_a_new_start_of_the_browser(
    playwright: Playwright, site: Site, service: Service, bundle: Path, tmp_path: Path
) -> None:
    extension, profile = assemble(DIST, bundle, tmp_path / "e"), tmp_path / "profile"
    address = site.page("offline", "<p>a page</p>")
    with browser_with(playwright, extension, profile) as context:
        switch_on(context, service.url)
        service.stop()
        page = context.new_page()
        page.goto(address)
        page.wait_for_timeout(200)
        for name in ("a", "b", "c"):
            report(page, f"https://pictures.example.com/{name}.jpg")
        wait_until(context, "chrome.storage.local.get('outbox').then(({ outbox }) => outbox?.failures === 1)")
        close_service_worker(context, page)

    with browser_with(playwright, extension, profile) as context:
        waiting = outbox(context)
        alarm = "chrome.alarms.get('outbox').then(alarm => (alarm?.scheduledTime ?? 0) - Date.now())"
        wait_until(context, f"{alarm}.then(wait => wait > 0 && wait <= 60_000)")
        options = open_extension_page(context, "options.html")
        expect(options.locator("#waiting")).to_have_text("Reports waiting to be sent: 3")
        expect(options.locator("#next-try")).to_contain_text("The service could not be reached")
        service.start()
        options.get_by_role("button", name="Send now").click()
        expect(options.locator("#waiting")).to_have_text("Reports waiting to be sent: 0")

    assert len(waiting["reports"]) == 3
    assert [json.loads(told.body)["url"][-5:] for told in service.told] == ["a.jpg", "b.jpg", "c.jpg"]


def test_a_failure_is_tried_again_by_itself(reporting: BrowserContext, reader: Page, service: Service) -> None:
    service.status = 503
    report(reader, PICTURE)
    wait_for(reader, service, 1)
    wait_until(reporting, "chrome.storage.local.get('outbox').then(({ outbox }) => outbox.failures === 1)")
    service.status = 201

    # The time that it waits for is a fact in the store: brought forward, the alarm rings without anybody's help.
    worker(reporting).evaluate(
        """async () => {
            const { outbox } = await chrome.storage.local.get("outbox");
            await chrome.storage.local.set({ outbox: { ...outbox, notBefore: Date.now() } });
            await chrome.alarms.create("outbox", { when: Date.now() + 500 });
        }"""
    )
    close_service_worker(reporting, reader)
    wait_for(reader, service, 2)

    assert service.told[0].body == service.told[1].body


@pytest.mark.parametrize("status", [400, 404, 422])
def test_what_the_service_refuses_is_given_up_and_counted(
    reporting: BrowserContext, reader: Page, service: Service, status: int
) -> None:
    service.status = status
    report(reader, PICTURE)
    wait_for(reader, service, 1)
    service.status = 201
    report(reader, "https://pictures.example.com/two.jpg")
    wait_for(reader, service, 2)

    wait_until(reporting, "chrome.storage.local.get('outbox').then(({ outbox }) => outbox.reports.length === 0)")
    options = open_extension_page(reporting, "options.html")
    expect(options.locator("#lost")).to_have_text(
        "Given up: 1 refused by the service, 0 older than 30 days, 0 for want of room."
    )
    options.close()


def test_a_busy_service_is_given_the_time_that_it_asks_for(
    reporting: BrowserContext, reader: Page, service: Service
) -> None:
    service.status, service.headers = 429, {"Retry-After": "7200"}

    report(reader, PICTURE)
    wait_until(reporting, "chrome.storage.local.get('outbox').then(({ outbox }) => outbox?.failures === 1)")
    wait = worker(reporting).evaluate("chrome.alarms.get('outbox').then(alarm => alarm.scheduledTime - Date.now())")
    report(reader, "https://pictures.example.com/two.jpg")
    reader.wait_for_timeout(300)

    assert 7_190_000 < wait <= 7_200_000
    assert len(service.told) == 1


def test_a_service_that_points_elsewhere_is_not_followed(
    reporting: BrowserContext, reader: Page, service: Service, site: Site
) -> None:
    elsewhere = Service()
    service.status, service.headers = 307, {"Location": f"{elsewhere.url}/v1/feedback"}

    report(reader, PICTURE)
    wait_until(reporting, "chrome.storage.local.get('outbox').then(({ outbox }) => outbox?.failures === 1)")
    elsewhere.stop()

    assert elsewhere.told == []


def test_switching_reports_off_empties_the_outbox(
    reporting: BrowserContext, reader: Page, service: Service
) -> None:
    service.status = 503
    report(reader, PICTURE)
    wait_until(reporting, "chrome.storage.local.get('outbox').then(({ outbox }) => outbox?.failures === 1)")

    options = open_extension_page(reporting, "options.html")
    options.get_by_role("switch", name="Send my reports").uncheck()
    expect(options.locator("#waiting")).to_have_text("Reports waiting to be sent: 0")
    options.close()

    assert outbox(reporting)["reports"] == []
    assert worker(reporting).evaluate("chrome.alarms.get('outbox')") is None


def test_private_windows_cover_pictures_have_a_menu_and_never_report(
    playwright: Playwright,
    site: Site,
    images: Site,
    service: Service,
    bundle: Path,
    covered: Judged,
    harmless: Judged,
    tmp_path: Path,
) -> None:
    extension, profile = assemble(DIST, bundle, tmp_path / "e"), tmp_path / "profile"
    body = "".join(
        f'<img id="{one.covered}" src="{images.url}/{one.name}?n=private">' for one in (covered, harmless)
    )
    address = site.page("private", body)
    with browser_with(playwright, extension, profile) as context:
        switch_on(context, service.url)
        allow_in_private_windows(context)

    with browser_with(playwright, extension, profile) as context:
        with context.expect_page(lambda page: page.url == address) as opened:
            worker(context).evaluate("url => void chrome.windows.create({ incognito: true, url })", address)
        private = opened.value
        wait_until_settled(private, 2)
        found = states(private)
        policy = in_content_script(private, "chrome.runtime.sendMessage({ type: 'wake', covered: true })")["policy"]
        report(private, "https://pictures.example.com/private.jpg")
        private.wait_for_timeout(500)
        kept = context.service_workers[0].evaluate("chrome.storage.local.get('outbox')")
        its_worker = next(w for w in context.service_workers if w.evaluate("chrome.extension.inIncognitoContext"))
        # A private window has a menu of its own; one that is not there cannot be changed.
        its_worker.evaluate("chrome.contextMenus.update('hide', {})")
        public = context.new_page()
        public.goto(address)
        public.wait_for_timeout(200)
        report(public, PICTURE)
        wait_for(public, service, 1)

    assert found == {"True": "covered", "False": "shown"}
    assert policy["reports"] is False
    assert kept == {}
    assert [json.loads(told.body)["url"] for told in service.told] == [SENT]


def allow_in_private_windows(context: BrowserContext) -> None:
    """Do what the switch on the browser's page of extensions does; it counts from the next start on."""
    name = worker(context).url.split("/")[2]
    page = context.new_page()
    page.goto("chrome://extensions")
    allow = "id => chrome.developerPrivate.updateExtensionConfiguration({ extensionId: id, incognitoAccess: true })"
    page.evaluate(allow, name)
    page.wait_for_timeout(500)
