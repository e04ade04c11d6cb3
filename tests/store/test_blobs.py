"""Blobs: whole or not there at all, whatever happens to the writer."""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from store.blobs import Blobs, write_atomically
from store.database import open_store
from store.errors import InputError, StoreError

WRITE_FOR_EVER = """
import sys
from itertools import count
from pathlib import Path
from store.blobs import Blobs
blobs = Blobs(Path(sys.argv[1]))
print("ready", flush=True)
for number in count():
    blobs.put(number.to_bytes(8, "big") * 250_000)
"""


def visible(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".")]


def test_what_is_put_is_what_is_got(tmp_path):
    blobs = Blobs(tmp_path)

    digest = blobs.put(b"some bytes")

    assert digest == sha256(b"some bytes").hexdigest()
    assert blobs.get(digest) == b"some bytes"
    assert blobs.path(digest) == tmp_path / digest[:2] / digest


def test_the_same_bytes_are_stored_once_and_not_written_again(tmp_path):
    blobs = Blobs(tmp_path)
    digest = blobs.put(b"twice")
    first = blobs.path(digest).stat()

    blobs.put(b"twice")

    assert blobs.path(digest).stat().st_mtime_ns == first.st_mtime_ns
    assert blobs.path(digest).stat().st_ino == first.st_ino


def test_a_missing_blob_is_named_with_the_way_out(tmp_path):
    with pytest.raises(InputError, match=rf"{'0' * 64} is not in .* import its source again"):
        Blobs(tmp_path).get("0" * 64)


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "a" * 63, "A" * 64, "0" * 64 + "\n", "/" + "0" * 63]
)
def test_only_a_sha256_names_a_blob_so_that_no_name_leads_out_of_the_folder(tmp_path, name):
    with pytest.raises(InputError, match="is no sha256"):
        Blobs(tmp_path).get(name)


def test_a_blob_is_as_readable_as_the_umask_allows(tmp_path):
    before = os.umask(0o022)
    try:
        path = Blobs(tmp_path).path(Blobs(tmp_path).put(b"shared with a server that runs as somebody else"))
    finally:
        os.umask(before)

    assert path.stat().st_mode & 0o777 == 0o644


def test_many_writers_of_the_same_bytes_leave_one_whole_file(tmp_path):
    data = random.Random(1).randbytes(300_000)
    blobs = Blobs(tmp_path)

    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(blobs.put, [data] * 32))

    assert len(digests) == 1
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [data]


def test_a_writer_killed_at_any_moment_leaves_nothing_half_written(tmp_path):
    moments = random.Random(2)
    for _ in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITE_FOR_EVER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        with writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            time.sleep(moments.uniform(0.01, 0.12))
            writer.send_signal(signal.SIGKILL)

    found = visible(tmp_path)
    assert found
    assert [path.name for path in found] == [sha256(path.read_bytes()).hexdigest() for path in found]


def test_what_killed_writers_left_is_swept_after_a_day_when_the_store_opens(sqlite_home):
    blobs = Blobs(sqlite_home.blobs)
    digest = blobs.put(b"whole")
    (folder,) = sqlite_home.blobs.glob(".*")
    old, young = folder / ".old.part", folder / ".young.part"
    for part, age in ((old, 25), (young, 23), (blobs.path(digest), 1000)):
        part.touch()
        os.utime(part, times=(time.time() - age * 3600,) * 2)

    open_store(sqlite_home).close()

    assert list(folder.iterdir()) == [young]
    assert blobs.has(digest)


def test_a_full_disk_is_one_line_and_leaves_nothing_behind(small_disk):
    blobs = Blobs(small_disk)
    kept = blobs.put(b"x" * 40_000)

    with pytest.raises(StoreError, match="the disk is full; free some space") as caught:
        blobs.put(b"y" * 2_000_000)

    assert "\n" not in str(caught.value)
    assert [path.name for path in small_disk.rglob("*") if path.is_file()] == [kept]
    assert blobs.get(kept) == b"x" * 40_000


def test_a_folder_that_cannot_be_written_to_is_one_line(read_only_folder):
    with pytest.raises(StoreError, match=f"{read_only_folder}.*set FLINCH_HOME to a folder"):
        Blobs(read_only_folder).put(b"anything")


def test_an_old_file_stays_whole_when_its_replacement_does_not_fit(small_disk):
    path = small_disk / "bundle.json"
    write_atomically(path, b"old")

    with pytest.raises(StoreError):
        write_atomically(path, b"n" * 2_000_000)

    assert path.read_bytes() == b"old"
