"""The reader's settings, changed as the popup and the options page change them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import BrowserContext


@contextmanager
def changed(browser: BrowserContext, **settings: Any) -> Iterator[None]:
    """Keep settings changed for as long as the block runs."""
    write(browser, settings)
    yield
    remove = "names => chrome.storage.sync.remove(names)"
    browser.service_workers[-1].evaluate(remove, list(settings))


def write(browser: BrowserContext, settings: dict[str, Any]) -> None:
    """Write settings."""
    browser.service_workers[-1].evaluate("settings => chrome.storage.sync.set(settings)", settings)
