"""Read one file, check it, store its bytes: what the worker processes do, so it imports little."""

from dataclasses import dataclass
from hashlib import sha256

from crawler.candidates import Candidate
from store.blobs import Blobs
from store.pictures import Picture, UnreadablePicture, check, read_file


@dataclass(frozen=True)
class Examined:
    """A candidate with its checked facts, or the reason why there are none."""

    candidate: Candidate
    picture: Picture | None = None
    reason: str = ""
    detail: str = ""


def examine(blobs: Blobs, candidate: Candidate) -> Examined:
    """Read one file, check it and store its blob; a bad file is news, not a stop.

    Raises StoreError when the blob cannot be written.
    """
    try:
        data = read_file(candidate.path)
        picture = check(data)
    except UnreadablePicture as error:
        return Examined(candidate, reason=error.reason, detail=error.detail)
    except OSError as error:
        return Examined(candidate, reason="cannot_be_read", detail=str(error.strerror))
    blobs.put(data)
    return Examined(candidate, picture)


def holds(blobs: Blobs, candidate: Candidate, digest: str) -> bool:
    """Whether the file still holds the bytes of this sha256; its blob comes back in case it got lost.

    Reading and hashing is a tenth of the work of checking, and believes no clock.
    Raises StoreError when a lost blob cannot be written.
    """
    try:
        data = read_file(candidate.path)
    except (UnreadablePicture, OSError):
        return False
    if sha256(data).hexdigest() != digest:
        return False
    blobs.put(data)
    return True
