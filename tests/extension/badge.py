"""What the toolbar says of a tab: how many pictures are covered in it, in all of its frames and shadow roots."""

from playwright.sync_api import BrowserContext, Page

from tests.extension.browser import ask_service_worker


def tab_of(context: BrowserContext, page: Page) -> int:
    """Return the number by which the browser knows a page's tab."""
    query = "url => chrome.tabs.query({}).then(tabs => tabs.find(tab => tab.url === url).id)"
    number: int = ask_service_worker(context, query, page.url)
    return number


def badge(context: BrowserContext, page: Page) -> str:
    """Return what stands on the toolbar button; nothing while the tab is on its way to the page."""
    ask = """url => chrome.tabs.query({}).then(tabs => tabs.find(tab => tab.url === url))
        .then(tab => tab === undefined ? "" : chrome.action.getBadgeText({ tabId: tab.id }))"""
    text: str = ask_service_worker(context, ask, page.url)
    return text


def wait_for_badge(context: BrowserContext, page: Page, text: str) -> None:
    """Wait until the button says so; AssertionError with what it says after half a minute."""
    for _ in range(300):
        if badge(context, page) == text:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the badge says {badge(context, page)!r}, not {text!r}")
