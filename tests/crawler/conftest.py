"""Folders to import, and the tiny and read-only disks of the store's tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.conftest import read_only_folder, small_disk

__all__ = ["read_only_folder", "small_disk"]


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[dict[str, bytes]], Path]:
    """Return a function that writes files (path -> bytes) below ``photos`` and returns that folder."""

    def write(files: dict[str, bytes]) -> Path:
        root = tmp_path / "photos"
        root.mkdir(exist_ok=True)
        for name, data in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
        return root

    return write
