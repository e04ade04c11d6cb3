"""What trainings keep for the next one and nobody comes back to.

A store that is retrained after every crawl has a new snapshot each time, and so new fits and new answers of its
teachers: .7 GB for sixteen views, a tenth of that for checkpoints.
"""

import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

# So many of each are kept, those used last, and all that were used within a day: another training may be at them.
KEPT = {"answers": 3, "fits": 12}
LATELY = 24 * 3600.0
# Behind the name of a folder that is being deleted.
GOING = ".going"


def forget_unused(cache: Path) -> list[Path]:
    """Delete the fits and answers in a home's ``cache`` that were not used of late, and return their folders.

    A folder was last used when a file in it, or in a folder in it, was last made or replaced, or whoever reads it
    touched it.
    """
    forgotten = []
    for kind, kept in KEPT.items():
        for left in (cache / kind).glob(f"*{GOING}"):
            # By a kill half-way.
            shutil.rmtree(left, ignore_errors=True)
        for used, folder in sorted(_last_used(cache / kind), reverse=True)[kept:]:
            if time.time() - used > LATELY and _forget(folder):
                forgotten.append(folder)
    if forgotten:
        log.info("forgotten unused=%s", [folder.name for folder in forgotten])
    return forgotten


def _last_used(kind: Path) -> Iterator[tuple[float, Path]]:
    for folder in kind.glob("*/"):
        # Another training may be forgetting it.
        with suppress(FileNotFoundError):
            # Several students have a folder each in that of their fit.
            yield max(path.stat().st_mtime for path in (folder, *folder.glob("*/"))), folder


def _forget(folder: Path) -> bool:
    """Delete a folder; False where it cannot be, or is not there any more."""
    going = folder.with_name(folder.name + GOING)
    try:
        # At once: of a folder with half of its files, a reader would take what is left for all that there was.
        folder.rename(going)
    except OSError:
        return False
    shutil.rmtree(going, ignore_errors=True)
    return True
