"""Rows of one array by sha256, appended and never rewritten: decoded pixels, embeddings.

Two files: ``NAME.rows`` holds fixed-size rows, ``NAME.index`` one sha256 a line in the same order. Rows are synced
before their index lines, so a kill between the two costs a few rows of work and never a wrong answer.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from store.home import storage_error
from store.locks import locked
from store.progress import Progress, track

# Raise it when the pixels that a file gives change (store.pictures.decode, inference.preprocess): all caches of
# what comes from pixels are named by it.
DECODER = 1
_LINE = 65


class RowCache:
    """An append-only array of rows of one shape and type, addressed by the sha256 of what they were made from."""

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: DTypeLike) -> None:
        """``path`` is without suffix; ``shape`` is one row's."""
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self._rows = path.with_name(path.name + ".rows")
        self._index = path.with_name(path.name + ".index")
        self._row_bytes = prod(shape) * self.dtype.itemsize

    def fill(
        self,
        digests: Sequence[str],
        make: Callable[[Sequence[str]], NDArray[Any]],
        batch: int = 256,
        progress: Progress = track,
        title: str = "fill",
    ) -> NDArray[np.int64]:
        """Make the rows that are missing, ``batch`` at a time, and return the row number of every digest.

        ``make`` gets digests and returns their rows [n, *shape]; ``progress`` shows the batches under ``title``.
        Raises StoreError when the disk is full.
        """
        # One writer at a time: a second training waits, then finds the rows made.
        with locked(self._rows.with_suffix(".lock")):
            known = self._known()
            missing = list(dict.fromkeys(digest for digest in digests if digest not in known))
            chunks = [missing[start : start + batch] for start in range(0, len(missing), batch)]
            for _ in progress(self._append_all(chunks, make, len(known)), title, len(chunks)):
                pass
            known.update({digest: len(known) + number for number, digest in enumerate(missing)})
        return np.array([known[digest] for digest in digests], np.int64)

    def open(self) -> NDArray[Any]:
        """Return all rows [n, *shape] as a read-only memory map."""
        count = self._rows.stat().st_size // self._row_bytes if self._rows.exists() else 0
        if count == 0:
            return np.zeros((0, *self.shape), self.dtype)
        return np.memmap(self._rows, self.dtype, "r", shape=(count, *self.shape))

    def _append_all(
        self, chunks: list[list[str]], make: Callable[[Sequence[str]], NDArray[Any]], count: int
    ) -> Iterator[None]:
        for chunk in chunks:
            rows = np.ascontiguousarray(make(chunk), self.dtype)
            if rows.shape != (len(chunk), *self.shape):
                raise ValueError(f"rows of shape {rows.shape[1:]} do not fit a cache of {self.shape}")
            self._append(chunk, rows, count)
            count += len(chunk)
            yield

    def _append(self, digests: Sequence[str], rows: NDArray[Any], count: int) -> None:
        try:
            # Truncating first drops what a killed run had written past its last index line.
            _append_at(self._rows, count * self._row_bytes, rows.tobytes())
            _append_at(self._index, count * _LINE, "".join(f"{digest}\n" for digest in digests).encode())
        except OSError as error:
            raise storage_error(error, self._rows) from error

    def _known(self) -> dict[str, int]:
        if not self._index.exists() or not self._rows.exists():
            return {}
        lines = self._index.read_bytes()
        count = min(len(lines) // _LINE, self._rows.stat().st_size // self._row_bytes)
        return {lines[n * _LINE : n * _LINE + 64].decode(): n for n in range(count)}


def _append_at(path: Path, offset: int, data: bytes) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    with os.fdopen(descriptor, "r+b") as file:
        file.truncate(offset)
        file.seek(offset)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
