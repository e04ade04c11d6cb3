"""A browser in which hostile pages are looked at: every frame that it paints, every exception that escapes."""

import base64
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Error, Page, Playwright

from tests.extension.browser import browser_with, close_service_worker
from tests.extension.hostile.bait import magenta
from tests.extension.hostile.pages import Recipe

VIEW = {"width": 520, "height": 420}
# A scaled or blurred edge gives a pixel or two at most.
ENOUGH = 6
PAGES_A_TAB = 20
# Of the browser's own log, to which every console of every frame, world and worker goes.
ESCAPED = re.compile(r'CONSOLE[:(].*"((?:Uncaught|Unchecked).*)", source: (chrome-extension://[^ ]*)')


@dataclass(frozen=True)
class Outcome:
    """What became of a page: its painted frames, the most bait pixels in one of them, exceptions, a crash."""

    frames: int
    magenta: int
    escaped: tuple[str, ...]
    crashed: bool

    @property
    def is_bad(self) -> bool:
        """Say whether the extension has lost."""
        return self.magenta >= ENOUGH or bool(self.escaped) or self.crashed


class Arena:
    """One browser; a new tab every now and then, as pages may leave theirs unusable."""

    def __init__(self, context: BrowserContext, log: Path) -> None:
        self.context = context
        self.log = log
        self._read = 0
        self._visits = 0
        self._shots: list[bytes] = []
        self._since = 0.0
        self._crashed = False
        self._page: Page | None = None

    def visit(self, url: str, milliseconds: int = 600) -> Outcome:
        """Open an address for so long and return what was painted and said meanwhile."""
        page = self._tab()
        self._crashed = False
        try:
            page.goto("about:blank")
            self._shots.clear()
            # Frames of the page before may still be on their way.
            self._since = time.time()
            page.goto(url, wait_until="commit")
            page.wait_for_timeout(milliseconds)
            self._shots.append(page.screenshot(timeout=10_000))
        except Error as error:
            # A tab whose page ends itself is no news; one that stays unusable shows at the next visit.
            if "crash" in str(error).lower():
                self._crashed = True
            self._leave()
        most = max((magenta(shot) for shot in self._shots), default=0)
        return Outcome(len(self._shots), most, self.escaped(), self._crashed)

    def sleep(self) -> None:
        """Put the extension's service worker to sleep: the user's style sheet comes late to the next page."""
        close_service_worker(self.context, self._tab())

    def last_shots(self) -> list[bytes]:
        """Return the frames of the last visit."""
        return list(self._shots)

    def escaped(self) -> tuple[str, ...]:
        """Return the exceptions that the browser has logged for the extension's scripts since the last call."""
        with self.log.open(errors="replace") as file:
            file.seek(self._read)
            text = file.read()
            self._read = file.tell()
        return tuple(f"{what} ({where})" for what, where in ESCAPED.findall(text))

    def _tab(self) -> Page:
        self._visits += 1
        if self._visits % PAGES_A_TAB == 0:
            self._leave()
        if self._page is None:
            self._page = self.context.new_page()
            self._page.set_viewport_size(VIEW)
            self._page.on("crash", lambda _: setattr(self, "_crashed", True))
            self._page.on("dialog", lambda dialog: dialog.dismiss())
            self._record(self.context.new_cdp_session(self._page))
        return self._page

    def _record(self, session: CDPSession) -> None:
        def keep(event: dict[str, Any]) -> None:
            if event["metadata"]["timestamp"] >= self._since:
                self._shots.append(base64.b64decode(event["data"]))
            # A tab that is being closed needs no more.
            with suppress(Error):
                session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

        session.on("Page.screencastFrame", keep)
        session.send("Page.startScreencast", {"format": "png", "everyNthFrame": 1})

    def _leave(self) -> None:
        if self._page is not None:
            # It may hang in a loop of its own.
            self._page.close(run_before_unload=False)
            self._page = None


@contextmanager
def arena(playwright: Playwright, extension: Path | None) -> Iterator[Arena]:
    """Start a browser with the extension, or with none."""
    folder = Path(tempfile.mkdtemp(prefix="flinch-fuzz-"))
    log = folder / "log"
    more = ("--enable-logging", "--v=0", f"--log-file={log}")
    try:
        with browser_with(playwright, extension, folder / "profile", *more) as context:
            context.set_default_timeout(15_000)
            yield Arena(context, log)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def shrunk(page: Recipe, is_bad: Callable[[Recipe], bool]) -> Recipe:
    """Return the smallest page, part by part, that still does the harm."""
    for smaller in page.smaller():
        if is_bad(smaller):
            return shrunk(smaller, is_bad)
    return page
