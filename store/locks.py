"""A lock that processes share: a file that one of them holds; free again when its holder ends or is killed."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from store.errors import InputError
from store.home import storage_error

# Seconds; whoever only looks whether a lock is held (`flinch runs`) holds it for microseconds himself.
MOMENT = 0.05


@contextmanager
def locked(path: Path, refusal: str | None = None) -> Iterator[None]:
    """Hold the lock file ``path``, which is made with its folder if it is missing.

    While another process holds it, wait; or, if a ``refusal`` is given, raise InputError with it after a moment.
    Raises StoreError when the file cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    except OSError as error:
        raise storage_error(error, path) from error
    with file:
        if refusal is None:
            fcntl.flock(file, fcntl.LOCK_EX)
        elif not _taken_at_once(file) and not _taken_at_once(file, after=MOMENT):
            raise InputError(refusal)
        yield


def _taken_at_once(file: IO[str], *, after: float = 0.0) -> bool:
    time.sleep(after)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
