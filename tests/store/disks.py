"""Full disks."""

import resource
from pathlib import Path


def fill(folder: Path) -> None:
    """Fill the disk of the fixture ``small_disk`` to its last page."""
    if not folder.is_mount():
        # The fixture gives the limit back.
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        return
    try:
        with (folder / "filler").open("wb", buffering=0) as file:
            while True:
                file.write(b"f" * 4096)
    except OSError:
        pass
