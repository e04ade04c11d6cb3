"""Full disks."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Keep the disk of the fixture ``small_disk`` full to its last page; where it is none, let no file grow."""
    if not folder.is_mount():
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        yield
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        return
    filler = folder / "filler"
    _fill(filler)
    yield
    filler.unlink()


def _fill(filler: Path) -> None:
    try:
        with filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"f" * 4096)
    except OSError:
        pass
