"""A training whose disk fills up says so in one line, leaves no bundle, and goes on when there is room."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trained import TINY, Road, flinch

MADE_BY_TRAINING = ("runs", "bundles", "fits")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of 512 MB that can be filled."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512m", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs root; the store's own tests fill a disk without it")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize("megabytes_left", [10, 75], ids=["at the first checkpoint", "at the export"])
def test_a_disk_that_fills_up_ends_in_one_line_and_no_bundle(road: Road, disk: Path, megabytes_left: int):
    home = disk / "home"
    shutil.copytree(road.home, home, ignore=shutil.ignore_patterns(*MADE_BY_TRAINING))
    training = ["train", "--concept", TINY, "--epochs", "0", "--extension", disk]
    leave(disk, megabytes_left)

    refused = flinch(home, *training)
    (disk / "filler").unlink()
    resumed = flinch(home, *training)

    assert refused.returncode == 5
    assert refused.stderr.splitlines()[-1].startswith(f"flinch: {home}")
    assert "the disk is full" in refused.stderr.splitlines()[-1]
    assert "Traceback" not in refused.stderr
    assert resumed.returncode == 0, resumed.stderr
    assert len(list((home / "bundles").iterdir())) == 1


def leave(disk: Path, megabytes: int) -> None:
    """Fill ``disk`` so that this much room is left."""
    free = shutil.disk_usage(disk).free
    with (disk / "filler").open("wb") as file:
        file.truncate(0)
        file.write(bytes(free - megabytes * 2**20))
