"""Hostile pages, drawn from seeds: nothing unjudged is ever painted, and no exception escapes.

``FLINCH_FUZZ_PAGES`` says how many (the whole set is 2,000), ``FLINCH_FUZZ_FIRST`` at which seed to begin.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.extension.browser import assemble
from tests.extension.conftest import DIST
from tests.extension.hostile.arena import Arena, arena, shrunk
from tests.extension.hostile.bait import Kit
from tests.extension.hostile.pages import Part, Recipe, recipe, render
from tests.extension.judged import Judged
from tests.extension.site import Site

PAGES = int(os.environ.get("FLINCH_FUZZ_PAGES", "150"))
FIRST = int(os.environ.get("FLINCH_FUZZ_FIRST", "0"))
# Shrinking one takes a minute; more of them would be the same few faults.
ENOUGH_FINDINGS = 5


@pytest.fixture(scope="session")
def hosts(site: Site, images: Site, bait: Judged) -> dict[str, str]:
    """Serve the bait from the pages' own origin and from another one."""
    site.put(bait.name, bait.data)
    images.put(bait.name, bait.data)
    return {"own": site.url, "cors": images.url, "plain": images.url, "held": images.url, "refused": images.url}


class Ground:
    """Serves pages by recipe; every visit has addresses of its own."""

    def __init__(self, site: Site, hosts: dict[str, str], bait: Judged, calm: Judged) -> None:
        self._site, self._hosts, self._bait, self._calm = site, hosts, bait, calm
        self._visits = 0

    def address(self, page: Recipe) -> str:
        """Put a page on the site and return its address."""
        self._visits += 1
        kit = Kit(self._bait, self._calm, self._hosts, f"{page.seed}-{self._visits}")
        return self._site.put(f"hostile/{self._visits}.html", render(page, kit).encode())


@pytest.fixture(scope="session")
def ground(site: Site, hosts: dict[str, str], bait: Judged, harmless: Judged) -> Ground:
    """Return where hostile pages are served."""
    return Ground(site, hosts, bait, harmless)


@pytest.fixture
def guarded(playwright: Playwright, bundle: Path, tmp_path: Path) -> Iterator[Arena]:
    """Run a browser with the extension."""
    with arena(playwright, assemble(DIST, bundle, tmp_path / "extension")) as opened:
        yield opened


def test_hostile_pages_neither_show_anything_unjudged_nor_make_the_extension_throw(
    guarded: Arena, ground: Ground
) -> None:
    findings = []
    for seed in range(FIRST, FIRST + PAGES):
        if guarded.visit(ground.address(recipe(seed))).is_bad:
            findings.append(explained(guarded, ground, recipe(seed)))
        if len(findings) == ENOUGH_FINDINGS:
            break

    assert findings == []


def explained(guarded: Arena, ground: Ground, page: Recipe) -> str:
    """Return the smallest page that still does it, and what it does."""
    smallest = shrunk(page, lambda smaller: guarded.visit(ground.address(smaller)).is_bad)
    outcome = guarded.visit(ground.address(smallest))
    return f"{smallest}: {outcome}"


def test_a_page_that_tidies_style_attributes_does_not_lift_the_blank_while_the_service_worker_sleeps(
    guarded: Arena, ground: Ground
) -> None:
    parts = tuple(Part(place, "held", "") for place in ("important rule in a layer", "image-set"))
    seen = []
    for _ in range(4):
        guarded.sleep()
        seen.append(guarded.visit(ground.address(Recipe(0, parts, ("unstyle",)))).magenta)

    assert seen == [0] * 4


def test_without_the_extension_the_same_pages_do_show_the_bait(playwright: Playwright, ground: Ground) -> None:
    # Else the test above would prove nothing.
    with arena(playwright, None) as bare:
        shown = [bare.visit(ground.address(recipe(seed))).magenta > 0 for seed in range(FIRST, FIRST + 40)]

    assert sum(shown) >= 36
