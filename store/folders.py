"""Replace a whole folder, so that a kill at any time leaves the older or the newer one, never a part of either."""

import shutil
from pathlib import Path

from store.home import storage_error


def replace_folder(destination: Path, fresh: Path) -> None:
    """Put the folder ``fresh`` in the place of ``destination``, which need not be there; both are on one disk.

    A folder that is not empty cannot be renamed over, so the older one steps aside first. Who is killed between the
    two renames leaves it there, whole: the next call, or ``heal``, puts it back. Raises StoreError.
    """
    heal(destination)
    older = _aside(destination)
    try:
        # Of a kill after the second rename.
        shutil.rmtree(older, ignore_errors=True)
        if destination.exists():
            destination.rename(older)
        fresh.rename(destination)
        shutil.rmtree(older, ignore_errors=True)
    except OSError as error:
        raise storage_error(error, destination) from error


def heal(destination: Path) -> None:
    """Put the older folder back if ``replace_folder`` was killed between its two renames; raises StoreError."""
    older = _aside(destination)
    try:
        if older.exists() and not destination.exists():
            older.rename(destination)
    except OSError as error:
        raise storage_error(error, destination) from error


def _aside(destination: Path) -> Path:
    return destination.with_name(f".{destination.name}-old")
