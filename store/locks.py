"""A lock that processes share: a file that one of them holds; free again when its holder ends or is killed."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.errors import InputError
from store.home import storage_error


@contextmanager
def locked(path: Path, refusal: str | None = None) -> Iterator[None]:
    """Hold the lock file ``path``, which is made with its folder if it is missing.

    While another process holds it, wait; or, if a ``refusal`` is given, raise InputError with it.
    Raises StoreError when the file cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    except OSError as error:
        raise storage_error(error, path) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if refusal is None else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(refusal or str(path)) from error
        yield
