"""Rows by sha256: made once, found again, and right after a kill at any byte."""

import os
import signal
import subprocess
import sys
from hashlib import sha256

import numpy as np
import pytest

from training.pictures.cache import RowCache

DIGESTS = [sha256(bytes([number])).hexdigest() for number in range(40)]


SLOW_WRITER = """
import pathlib, sys, time
import numpy as np
from tests.training.pictures.test_cache import DIGESTS, rows_of
from training.pictures.cache import RowCache

def slow(digests):
    print("batch", flush=True)
    time.sleep(0.01)
    return rows_of(digests)

RowCache(pathlib.Path(sys.argv[1]), (2,), np.uint8).fill(DIGESTS, slow, batch=1)
"""


def rows_of(digests):
    return np.array([[int(digest[:2], 16), int(digest[2:4], 16)] for digest in digests], np.uint8)


@pytest.fixture
def cache(tmp_path):
    return RowCache(tmp_path / "pairs", (2,), np.uint8)


def test_rows_are_found_under_the_digest_they_were_made_for(cache):
    rows = cache.fill(DIGESTS[::-1], rows_of, batch=7)

    assert np.array_equal(cache.open()[rows], rows_of(DIGESTS[::-1]))


def test_only_missing_rows_are_made(cache):
    cache.fill(DIGESTS[:30], rows_of)
    asked = []

    rows = cache.fill(DIGESTS, lambda digests: asked.extend(digests) or rows_of(digests))

    assert asked == DIGESTS[30:]
    assert np.array_equal(cache.open()[rows], rows_of(DIGESTS))


def test_a_digest_asked_for_twice_is_made_once(cache):
    rows = cache.fill([DIGESTS[0], DIGESTS[1], DIGESTS[0]], rows_of)

    assert rows.tolist() == [0, 1, 0]


@pytest.mark.parametrize("torn", ["rows", "index"])
@pytest.mark.parametrize("bytes_lost", [1, 3, 64, 66])
def test_files_torn_at_their_end_cost_rows_and_never_a_wrong_answer(cache, tmp_path, torn, bytes_lost):
    cache.fill(DIGESTS[:35], rows_of)
    path = tmp_path / f"pairs.{torn}"
    os.truncate(path, max(0, path.stat().st_size - bytes_lost))

    rows = cache.fill(DIGESTS, rows_of)

    assert np.array_equal(cache.open()[rows], rows_of(DIGESTS))


def test_a_writer_that_is_killed_leaves_a_cache_that_goes_on(cache, tmp_path):
    writer = subprocess.Popen([sys.executable, "-c", SLOW_WRITER, tmp_path / "pairs"], stdout=subprocess.PIPE)
    for _ in range(5):
        writer.stdout.readline()
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    writer.stdout.close()

    rows = cache.fill(DIGESTS, rows_of)

    assert np.array_equal(cache.open()[rows], rows_of(DIGESTS))


def test_rows_of_another_shape_are_refused(cache):
    with pytest.raises(ValueError, match="do not fit"):
        cache.fill(DIGESTS[:2], lambda digests: np.zeros((len(digests), 3), np.uint8))
