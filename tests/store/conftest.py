"""Folders that a disk refuses: a tiny one that fills up, and one that cannot be written to."""

import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of 1 MiB; where mounting is not permitted, one where files end at 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if _mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", folder):
        yield folder
        _unmount(folder)
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (256 * 2**10, hard))
    yield folder
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Path]:
    """Return an empty folder that cannot be written to, not even by root, for whom mode bits mean nothing."""
    folder = tmp_path / "read-only"
    folder.mkdir(mode=0o555)
    if _mount("-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", folder):
        yield folder
        _unmount(folder)
        return
    try:
        (folder / "probe").touch()
    except OSError:
        yield folder
    else:
        # Root that may not mount: the kernel's own folder takes no files from anybody.
        yield Path("/proc")


def _mount(*arguments: str | Path) -> bool:
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False).returncode == 0


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=True)
