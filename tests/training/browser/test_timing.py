"""What a picture costs is measured in a real Chromium, several models in one page, beside one reference."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inference.bundle import Bundle
from store.errors import StoreError
from training.browser.timing import milliseconds, reference
from training.identity import reference_id


def test_every_model_of_a_page_gets_its_own_times(exported: Bundle):
    first, second = milliseconds([exported.path, exported.path], runs=5, warm_up=2)

    for found in (first, second):
        assert 0 < found.network.fastest <= found.network.low <= found.network.median <= found.network.high
        # 640 x 480 pixels are more work to resize than 32 x 32 are to judge.
        assert found.with_resize.fastest > found.network.fastest
        assert found.runs == 5


def test_the_reference_is_made_once_whoever_else_wants_it_meanwhile(tmp_path: Path):
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        time.sleep(0.2)

    with ThreadPoolExecutor(4) as others:
        found = list(others.map(lambda _: reference(tmp_path, make), range(4)))

    assert made == [tmp_path / f"timing-reference-{reference_id()}"]
    assert found == made * 4
    assert (made[0] / "bundle.json").is_file()


def test_a_reference_of_another_converter_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    before = reference(tmp_path / "cache", Path.mkdir)
    other = tmp_path / "tensorflowjs-99.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: tensorflowjs\nVersion: 99.0\n")
    monkeypatch.syspath_prepend(tmp_path)

    after = reference(tmp_path / "cache", Path.mkdir)

    assert after != before
    assert (after / "bundle.json").is_file()


def test_a_cache_that_cannot_be_written_is_a_store_error(tmp_path: Path):
    (tmp_path / f"timing-reference-{reference_id()}").write_text("a file where the folder should be")

    with pytest.raises(StoreError, match=str(tmp_path)):
        reference(tmp_path)
