"""Where everything of one installation lives: the home folder, and the settings read at the door."""

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from store.errors import StoreError

DEFAULT_HOME = ".flinch"


@dataclass(frozen=True)
class Home:
    """Paths below one folder, and the address of the database."""

    path: Path
    database_url: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Home":
        """Read ``FLINCH_HOME`` (default ``.flinch``) and ``FLINCH_DATABASE_URL`` (default SQLite in the home)."""
        environment = os.environ if environment is None else environment
        path = Path(environment.get("FLINCH_HOME") or DEFAULT_HOME).absolute()
        url = environment.get("FLINCH_DATABASE_URL") or f"sqlite:///{quote(str(path / 'flinch.db'))}"
        return cls(path, url)

    @property
    def blobs(self) -> Path:
        """Pictures by sha256."""
        return self.path / "blobs"

    @property
    def cache(self) -> Path:
        """What can be made again: decoded pixels, embeddings, pretrained weights."""
        return self.path / "cache"

    @property
    def snapshots(self) -> Path:
        """Frozen manifests by hash."""
        return self.path / "snapshots"

    @property
    def runs(self) -> Path:
        """One folder a training run: its report."""
        return self.path / "runs"

    @property
    def bundles(self) -> Path:
        """Finished bundles."""
        return self.path / "bundles"

    def prepare(self) -> None:
        """Make the home folder.

        Raises StoreError, naming the folder, when it cannot be made or written to.
        """
        try:
            for folder in (self.path, self.blobs, self.cache, self.snapshots, self.runs, self.bundles):
                folder.mkdir(parents=True, exist_ok=True)
            # mkdir on what exists proves nothing; only a write does.
            probe = self.path / f".write-probe-{os.getpid()}"
            try:
                probe.write_bytes(b"flinch")
            finally:
                # Two containers on one volume can both be process 1.
                probe.unlink(missing_ok=True)
        except OSError as error:
            raise storage_error(error, self.path) from error


def storage_error(error: OSError, path: Path | str) -> StoreError:
    """Say in one line what the operating system refused at ``path``, and the way out."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StoreError(f"{path}: the disk is full; free some space and run the command again")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StoreError(f"{path}: cannot be written to ({error.strerror}); set FLINCH_HOME to a folder of yours")
    return StoreError(f"{path}: {error.strerror or error}; set FLINCH_HOME to a folder that can be written to")
