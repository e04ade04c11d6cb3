"""A training whose disk fills up says so in one line, leaves no bundle, and goes on when there is room."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.trained import Road, flinch, unexamined, untrained


@dataclass(frozen=True)
class Sizes:
    """What lay there before the road's own training, and what that added, in bytes.

    The checkpoints are two of one size: the newest epoch's and the best one's.
    """

    before: int
    checkpoints: int
    bundle: int


@dataclass(frozen=True)
class Disk:
    """A small disk of its own at ``folder``, which holds a home that has not been trained on."""

    folder: Path
    sizes: Sizes

    @property
    def home(self) -> Path:
        """Where the pictures, the caches and the database are."""
        return self.folder / "home"

    def leave(self, room: int) -> None:
        """Fill the disk so that this many bytes are left."""
        with (self.folder / "filler").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(self.folder).free - room)

    def make_room(self) -> None:
        """Take away what filled it."""
        (self.folder / "filler").unlink()

    def train(self) -> subprocess.CompletedProcess[str]:
        """Train without fine-tuning; the caller looks at the return code."""
        concept = unexamined(self.folder.parent)
        return flinch(
            self.home, "train", "--concept", concept, "--epochs", "0", "--extension", self.folder / "not-built"
        )


@pytest.fixture
def disk(road: Road, tmp_path: Path) -> Iterator[Disk]:
    """Return a disk with room for one training beside the road's pictures, and for hardly more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    sizes = measured(road.home)
    room = sizes.before + sizes.checkpoints + 2 * sizes.bundle
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs root; the store's own tests fill a disk without it")
    untrained(road, folder / "home")
    yield Disk(folder, sizes)
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_disk_that_is_full_at_the_first_checkpoint_and_again_at_the_export_ends_in_one_line_and_no_bundle(
    disk: Disk,
):
    disk.leave(disk.sizes.checkpoints // 4)
    assert_refused(disk, "cache/fits")
    disk.make_room()

    disk.leave(disk.sizes.checkpoints + disk.sizes.bundle // 2)
    assert_refused(disk, "bundles")
    disk.make_room()

    resumed = disk.train()
    assert resumed.returncode == 0, resumed.stderr
    assert len(list((disk.home / "bundles").iterdir())) == 1


def assert_refused(disk: Disk, place: str) -> None:
    refused = disk.train()

    assert refused.returncode == 5
    assert refused.stderr.splitlines()[-1].startswith(f"flinch: {disk.home}/{place}")
    assert "the disk is full" in refused.stderr.splitlines()[-1]
    assert "Traceback" not in refused.stderr
    assert list((disk.home / "bundles").iterdir()) == []


def measured(home: Path) -> Sizes:
    """Add up what ``home`` held before and after its training; every file takes whole pages of 4 KiB."""
    checkpoints, bundle = _bytes_in(home / "cache" / "fits"), _bytes_in(home / "bundles")
    return Sizes(_bytes_in(home) - checkpoints - bundle - _bytes_in(home / "runs"), checkpoints, bundle)


def _bytes_in(folder: Path) -> int:
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in folder.rglob("*") if path.is_file())
