"""Content-addressed files: a picture is stored once, under the hash of its bytes."""

import os
import re
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from store.errors import InputError, StoreError
from store.home import storage_error

# Seconds after which a part has no writer any more: it was killed.
ABANDONED = 24 * 3600


def write_atomically(path: Path, data: bytes, parts: Path | None = None) -> None:
    """Write ``data`` to ``path`` so that a reader sees the old file or the whole new one, never a part.

    Until it is whole it lies in ``parts``, a folder on the same disk (beside ``path`` if not given).
    Raises StoreError when the disk is full or the folder cannot be written to.
    """
    try:
        # Not mkstemp: its files are closed to everybody else, whatever the umask says.
        temporary = (parts or path.parent) / f".{token_hex(8)}.part"
        for folder in (path.parent, temporary.parent):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise storage_error(error, path) from error


class Blobs:
    """Files by sha256, sharded by the first two hex digits so that no folder grows past some thousands."""

    def __init__(self, root: Path) -> None:
        self.root = root
        # One folder, since looking for leftovers in all of them would take minutes.
        self._parts = root / ".parts"

    def path(self, digest: str) -> Path:
        """Where the blob of this sha256 (64 hex digits) lies, whether it is there or not.

        Raises InputError for anything else, since a name from outside must not lead out of the folder.
        """
        if not re.fullmatch("[0-9a-f]{64}", digest):
            raise InputError(f"'{digest[:80]}' is no sha256 of a picture (64 hex digits)")
        return self.root / digest[:2] / digest

    def has(self, digest: str) -> bool:
        """Whether the blob is stored."""
        return self.path(digest).is_file()

    def put(self, data: bytes) -> str:
        """Store ``data`` and return its sha256; storing the same bytes again does nothing.

        Raises StoreError when it cannot be written; a part is never left under the final name.
        """
        digest = sha256(data).hexdigest()
        if not self.has(digest):
            write_atomically(self.path(digest), data, self._parts)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes stored under ``digest``.

        Raises InputError when the blob is missing, StoreError when it cannot be read.
        """
        path = self.path(digest)
        try:
            return path.read_bytes()
        except FileNotFoundError as error:
            raise InputError(f"blob {digest} is not in {self.root}; import its source again") from error
        except OSError as error:
            raise StoreError(f"{path}: cannot be read ({error.strerror})") from error

    def sweep(self, now: float) -> None:
        """Delete what writers that were killed left behind more than a day before ``now`` (seconds since 1970)."""
        for part in self._parts.glob("*"):
            # Another process may sweep as well; what cannot be deleted now is in nobody's way.
            with suppress(OSError):
                if part.stat().st_mtime < now - ABANDONED:
                    part.unlink()
