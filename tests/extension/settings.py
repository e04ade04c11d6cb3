"""The reader's settings, changed as the popup and the options page change them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import BrowserContext

from tests.extension.browser import ask_service_worker


@contextmanager
def changed(browser: BrowserContext, **settings: Any) -> Iterator[None]:
    """Keep settings changed for as long as the block runs."""
    write(browser, settings)
    yield
    remove = "names => chrome.storage.sync.remove(names)"
    ask_service_worker(browser, remove, list(settings))


def write(browser: BrowserContext, settings: dict[str, Any]) -> None:
    """Write settings."""
    ask_service_worker(browser, "settings => chrome.storage.sync.set(settings)", settings)
