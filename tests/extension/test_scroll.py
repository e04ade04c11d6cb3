"""Endless scrolling: memory stays flat, nothing of what has gone is kept, and nothing is judged twice.

``FLINCH_SCROLL_PICTURES`` says through how many pictures (2,500 unless told; the promise is about 5,000).
"""

import json
import logging
import os
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Playwright

import synthetic
from tests.extension.browser import assemble, browser_with
from tests.extension.conftest import DIST
from tests.extension.devtools import offscreen_document
from tests.extension.judged import png
from tests.extension.site import Site

log = logging.getLogger(__name__)

TOTAL = int(os.environ.get("FLINCH_SCROLL_PICTURES", "2500"))
# What every scroll pays once: compiled scripts, pools, the first verdicts of a session.
WARM = TOTAL // 5
FEED = Path(__file__).with_name("feed.html")
# An element that is kept with what is known about it takes about 1 kB of the page's heap, a picture's pixels for
# the model 49 kB: neither hides in a quarter of a kilobyte a picture. Its verdict, which is remembered, takes less.
MOST_KEPT = 256
# The browser makes and drops some on its own: selection, focus rings, a scroll bar.
MOST_NODES = 60


@dataclass(frozen=True)
class Heaps:
    """What is in use after garbage collection: bytes by whose they are, nodes and listeners of the page."""

    used: dict[str, int]
    nodes: int
    listeners: int

    def grown(self, before: "Heaps") -> dict[str, float]:
        """Return by how many bytes a picture each heap has grown while the rest of the feed went by."""
        return {whose: (used - before.used[whose]) / (TOTAL - WARM) for whose, used in self.used.items()}


@pytest.fixture
def feed(site: Site, images: Site) -> str:
    """Serve the feed and small drawings for it; return its address, to which ``&run=`` is still to be added."""
    site.put("feed.html", FEED.read_bytes())
    drawings = [Image.fromarray(synthetic.draw(seed, positive=seed % 9 == 0).pixels) for seed in range(1, 21)]
    files = [images.put(f"feed-{n}.png", png(drawing.resize((96, 72)))) for n, drawing in enumerate(drawings)]
    return f"{site.url}/feed.html?total={TOTAL}&files={quote(' '.join(files))}"


@pytest.fixture
def tab(playwright: Playwright, bundle: Path, tmp_path: Path) -> Iterator[Page]:
    """Open a tab in a browser of its own: what other tests have left in memory would be measured too."""
    with browser_with(playwright, assemble(DIST, bundle, tmp_path / "extension"), tmp_path / "profile") as context:
        yield reader(context)


def reader(context: BrowserContext) -> Page:
    page = context.new_page()
    page.set_viewport_size({"width": 1040, "height": 800})
    return page


def read(page: Page, start: int, end: int) -> list[float]:
    """Scroll from one picture to another and return how long each waited for its verdict."""
    waits: list[float] = page.evaluate("([a, b]) => read(a, b).then(() => waits.splice(0))", [start, end])
    return waits


def heaps(page: Page) -> Heaps:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    metrics = {m["name"]: int(m["value"]) for m in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    used = {"page": metrics["JSHeapUsedSize"]}
    if page.context.service_workers:
        with offscreen_document(page) as offscreen:
            used |= {"offscreen": offscreen.used_heap(), "worker": offscreen.child("worker").used_heap()}
    return Heaps(used, metrics["Nodes"], metrics["JSEventListeners"])


def scroll_through(page: Page, address: str) -> tuple[Heaps, Heaps]:
    """Return what is in use after the first fifth and at the end."""
    page.goto(address)
    read(page, 0, WARM)
    warm = heaps(page)
    read(page, WARM, TOTAL)
    return warm, heaps(page)


def test_memory_is_flat_after_the_first_fifth_of_a_feed_that_takes_old_pictures_away(
    playwright: Playwright, tab: Page, feed: str, tmp_path: Path
) -> None:
    with browser_with(playwright, None, tmp_path / "bare") as context:
        alone_warm, alone = scroll_through(reader(context), f"{feed}&run=alone&alone")

    warm, after = scroll_through(tab, f"{feed}&run=flat")

    grown, grown_alone = after.grown(warm), alone.grown(alone_warm)
    log.info("bytes a picture after the first %d of %d: %s; the page alone: %s", WARM, TOTAL, grown, grown_alone)
    log.info("nodes %d, then %d; listeners %d, then %d", warm.nodes, after.nodes, warm.listeners, after.listeners)
    # The browser itself keeps a little of every picture that a page has ever shown.
    assert grown["page"] - grown_alone["page"] <= MOST_KEPT
    assert grown["offscreen"] <= MOST_KEPT
    assert grown["worker"] <= MOST_KEPT
    assert after.nodes <= warm.nodes + MOST_NODES
    assert after.listeners <= warm.listeners + MOST_NODES
    assert detached_images(tab) == 0


def detached_images(page: Page) -> int:
    """Count the images that no document holds and some script does, in a snapshot of the page's heap."""
    session = page.context.new_cdp_session(page)
    parts: list[str] = []
    session.on("HeapProfiler.addHeapSnapshotChunk", lambda event: parts.append(event["chunk"]))
    session.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    session.detach()
    snapshot = json.loads("".join(parts))
    fields = snapshot["snapshot"]["meta"]["node_fields"]
    at, width = fields.index("name"), len(fields)
    detachedness = fields.index("detachedness")
    nodes, strings = snapshot["nodes"], snapshot["strings"]
    names = [strings[nodes[n + at]] for n in range(0, len(nodes), width) if nodes[n + detachedness] == 2]
    return sum("<img" in name or "HTMLImageElement" in name for name in names)


def test_scrolling_back_asks_nobody_and_waits_for_nobody(tab: Page, feed: str, images: Site) -> None:
    count = min(TOTAL, 400)
    tab.goto(f"{feed}&run=back")
    images.asked.clear()

    there = read(tab, 0, count)
    # What lies ahead of the reader is still on its way, and its waits are not those of the way back.
    tab.wait_for_function("[...document.images].every((image) => image.hasAttribute('data-flinch'))")
    tab.evaluate("waits.splice(0)")
    asked = dict(images.asked)
    back = read(tab, count - 100, 0)

    log.info("waited %.0f ms, on the way back %.0f ms", statistics.median(there), statistics.median(back))
    assert len(back) >= count - 200
    assert dict(images.asked) == asked
    assert set(asked.values()) == {1}
    assert statistics.median(back) <= statistics.median(there) / 2
