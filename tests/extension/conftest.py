"""Chromium with the built extension and the tests' bundle, sites, and pictures with known verdicts."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from tests.extension.browser import assemble, browser_with, calm_tab
from tests.extension.hostile.bait import candidates
from tests.extension.judged import Judged, drawings, judge, photographs
from tests.extension.screen import flat
from tests.extension.site import Site

ROOT = Path(__file__).parents[2]
DIST = ROOT / "extension" / "dist"
BUILD = ROOT / "extension" / "build"
PARITY = BUILD / "parity.mjs"
PHOTOGRAPHS = ROOT.parent / "shared" / "data" / "trypophobia" / "val"


@pytest.fixture(scope="session")
def bundle() -> Path:
    """Return the bundle whose model judges: the released one, or the one that FLINCH_TEST_BUNDLE names."""
    return Path(os.environ.get("FLINCH_TEST_BUNDLE") or ROOT / "extension" / "model")


@pytest.fixture(scope="session")
def browser(
    playwright: Playwright, bundle: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """Run Chromium with the extension and the bundle's model."""
    folder = tmp_path_factory.mktemp("browser")
    with browser_with(playwright, assemble(DIST, bundle, folder / "extension"), folder / "profile") as context:
        yield context


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    """Open an empty tab; at the end no exception may have escaped in it."""
    yield from calm_tab(browser)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """Serve the pages."""
    opened = Site("127.0.0.1")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def images(drawn: list[Judged], taken: list[Judged]) -> Iterator[Site]:
    """Serve every judged picture from another origin than the pages'."""
    opened = Site("localhost")
    for picture in [*drawn, *taken]:
        opened.put(picture.name, picture.data)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def drawn(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Judged]:
    """Return drawn pictures on which the bundle is sure, of both verdicts."""
    found: list[Judged] = []
    for start in range(0, 160, 20):
        found += judge(drawings(range(start, start + 20)), bundle, PARITY, tmp_path_factory.mktemp("drawn"))
        if min(sum(picture.covered is verdict for picture in found) for verdict in (True, False)) >= 3:
            return found
    raise AssertionError(
        f"{bundle} gives nearly all drawings the same verdict: it shows nothing about the extension"
    )


@pytest.fixture(scope="session")
def taken(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Judged]:
    """Return photographs on which the bundle is sure; empty where the data set is not beside the project."""
    files = photographs(PHOTOGRAPHS, 8)
    return judge(files, bundle, PARITY, tmp_path_factory.mktemp("taken")) if files else []


@pytest.fixture(scope="session")
def covered(drawn: list[Judged]) -> Judged:
    """Return a picture that the bundle covers."""
    return next(picture for picture in drawn if picture.covered)


@pytest.fixture(scope="session")
def harmless(drawn: list[Judged]) -> Judged:
    """Return a picture that the bundle reveals."""
    return next(picture for picture in drawn if not picture.covered)


@pytest.fixture(scope="session")
def bait(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """Return a picture that the bundle is sure to cover, in magenta: one pixel of it on the screen tells."""
    judged = judge(candidates(range(0, 80, 2)), bundle, PARITY, tmp_path_factory.mktemp("bait"))
    return next(picture for picture in judged if picture.covered)


@pytest.fixture(scope="session")
def plain_colour(plains: dict[tuple[int, int, int], Judged]) -> tuple[int, int, int]:
    """Return the colour of ``plain``."""
    return next(iter(plains))


@pytest.fixture(scope="session")
def plain(plains: dict[tuple[int, int, int], Judged]) -> Judged:
    """Return a picture of one colour that the bundle reveals."""
    return next(iter(plains.values()))


@pytest.fixture(scope="session")
def plains(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, int, int], Judged]:
    """Return the pictures of one colour that the bundle reveals, by colour."""
    colours = [(0, 160, 0), (0, 120, 160), (160, 120, 0), (60, 60, 60), (200, 200, 120), (30, 0, 90)]
    files = {f"flat-{number}.png": flat(colour) for number, colour in enumerate(colours)}
    answered = judge(files, bundle, PARITY, tmp_path_factory.mktemp("plain"))
    found = {colours[int(one.name[5])]: one for one in answered if not one.covered}
    assert found, f"{bundle} covers every plain colour: it shows nothing about the extension"
    return found
