"""What a busy page pays for the extension at 10,000 mutations a second.

The aim is a tenth of its speed. How near that is depends on the processor (docs/LOG.md: 1.05 to 1.10 on one, 1.17
to 1.20 on another, with the same code), so what fails here is more than any that was measured: work that grows with
the page.

Timed are ticks of a hundred mutations of two kinds and so much work of the page's own that a tick takes ten
milliseconds, on pages that show pictures in every way, in a browser without the extension and in one with it, in
turn. What counts is the processor time of the page's own thread, which other processes lengthen least: per page the
best of some tries, over all pages the median, as one page may be off by what the garbage collector does. The first
burst is not timed. ``FLINCH_FUZZ_PAGES`` / 25 pages, by default one a kind of mutation.
"""

import logging
import os
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright

from tests.extension.browser import assemble, browser_with
from tests.extension.conftest import DIST
from tests.extension.hostile.bait import Kit
from tests.extension.hostile.pages import Recipe, recipe, render
from tests.extension.judged import Judged
from tests.extension.site import Site

PAGES = int(os.environ.get("FLINCH_FUZZ_PAGES", "150")) // 25
WARM_TICKS, TICKS, TRIES, KINDS = 30, 100, 3, 6
TICK_MS = 10
CLOCK = (Path(__file__).parent / "hostile" / "clock.html").read_text()
AIM, ALLOWED = 1.10, 1.30

# Beside other work a second of processor time holds several times as many frames, each with its fixed cost.
pytestmark = pytest.mark.alone

log = logging.getLogger(__name__)


@pytest.fixture
def browsers(playwright: Playwright, bundle: Path, tmp_path: Path) -> Iterator[list[BrowserContext]]:
    """Run a browser without the extension and one with it, side by side."""
    with ExitStack() as stack:
        bare = stack.enter_context(browser_with(playwright, None, tmp_path / "bare"))
        extension = assemble(DIST, bundle, tmp_path / "extension")
        yield [bare, stack.enter_context(browser_with(playwright, extension, tmp_path / "guarded"))]


def test_a_page_with_ten_thousand_mutations_a_second_keeps_three_quarters_of_its_speed(
    browsers: list[BrowserContext], site: Site, images: Site, covered: Judged, harmless: Judged
) -> None:
    hosts = {"own": site.url, "cors": images.url, "plain": images.url, "held": images.url, "refused": images.url}
    site.put(covered.name, covered.data)
    # Its own work is not slowed: an empty tick takes as long in both.
    work = calibrated(browsers[0], site)
    ratios = {}
    for seed in range(PAGES):
        page = Recipe(seed, recipe(seed).parts, ())
        times: list[list[float]] = [[], []]
        for attempt in range(TRIES):
            kit = Kit(covered, harmless, hosts, f"slow-{seed}-{attempt}")
            address = site.put(f"slow/{seed}-{attempt}.html", render(page, kit, CLOCK).encode())
            for browser, its in zip(browsers, times, strict=True):
                its.append(seconds(browser, f"{address}?work={work}&kind={seed % KINDS}"))
        ratios[seed] = min(times[1]) / min(times[0])

    median = statistics.median(ratios.values())
    log.info("work %d; times as long as without, by page: %s", work, {s: round(r, 3) for s, r in ratios.items()})
    log.info("median %.3f, aim %.2f", median, AIM)
    assert median <= ALLOWED


def calibrated(browser: BrowserContext, site: Site) -> int:
    """Return how much work the clock must do for a tick to take its time, mutations included."""
    empty = site.put("slow/empty.html", f"<!doctype html><body>{CLOCK}".encode())
    little, much = (min(seconds(browser, f"{empty}?work={work}&kind=0") for _ in range(2)) for work in (0, 10**6))
    return int(10**6 * (TICKS * TICK_MS / 1000 - little) / (much - little))


def seconds(browser: BrowserContext, address: str) -> float:
    """Return the processor time that the page's thread needed for all ticks."""
    page = browser.new_page()
    session = browser.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(address)
    # What loading causes is no part of it, nor is the first burst of the same work.
    page.evaluate("n => run(n)", WARM_TICKS)

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))

    before = busy()
    page.evaluate("n => run(n)", TICKS)
    spent = busy() - before
    page.close()
    return spent
