"""What the toolbar says of a tab: how many pictures are covered in it, in all of its frames and shadow roots."""

from typing import Any

from playwright.sync_api import BrowserContext, Error, Page


def tab_of(context: BrowserContext, page: Page) -> int:
    """Return the number by which the browser knows a page's tab."""
    query = "url => chrome.tabs.query({}).then(tabs => tabs.find(tab => tab.url === url).id)"
    number: int = _asked(context, query, page.url)
    return number


def badge(context: BrowserContext, page: Page) -> str:
    """Return what stands on the toolbar button; nothing while the tab is on its way to the page."""
    ask = """url => chrome.tabs.query({}).then(tabs => tabs.find(tab => tab.url === url))
        .then(tab => tab === undefined ? "" : chrome.action.getBadgeText({ tabId: tab.id }))"""
    text: str = _asked(context, ask, page.url)
    return text


def wait_for_badge(context: BrowserContext, page: Page, text: str) -> None:
    """Wait until the button says so; AssertionError with what it says after half a minute."""
    for _ in range(300):
        if badge(context, page) == text:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the badge says {badge(context, page)!r}, not {text!r}")


def _asked(context: BrowserContext, query: str, value: str) -> Any:
    """Return what the service worker answers; one that Chrome replaces while it is asked is asked again."""
    try:
        return context.service_workers[-1].evaluate(query, value)
    except Error as error:
        if "restarted" not in error.message:
            raise
        return context.service_workers[-1].evaluate(query, value)
