"""A JPEG's skeleton, read before anything decodes it: a few thousand bytes of it can ask for hours of work.

A progressive JPEG writes all of its pixels anew in every scan, and a scan takes as little as 75 bytes; libjpeg
follows them all. Segments of metadata are joined one by one, each time with all that came before.
"""

import re

from store.errors import InputError

# Encoders write about ten scans; colour profiles, previews and provenance come in up to some hundred segments.
MAX_SCANS = 100
MAX_SEGMENTS = 2000

_START = b"\xff\xd8\xff"
_SCAN, _END = 0xDA, 0xD9
# What follows 0xFF: neither 0 (a data byte of that value), nor a restart, nor padding (ITU T.81, B.1.1.2).
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
# TEM and SOI stand alone; every other segment states its length in its next two bytes.
_ALONE = (0x01, 0xD8)


class TooMuchWork(InputError):
    """A JPEG that asks for more work than a picture can need."""


def refuse_endless(data: bytes) -> None:
    """Raise TooMuchWork when ``data`` is a JPEG of more than MAX_SCANS scans or MAX_SEGMENTS segments."""
    if not data.startswith(_START):
        return
    at, scans, segments = 2, 0, 0
    while (found := _MARKER.search(data, at)) is not None:
        marker = found[1][0]
        if marker == _END:
            return
        segments += 1
        scans += marker == _SCAN
        if scans > MAX_SCANS or segments > MAX_SEGMENTS:
            raise TooMuchWork(f"a JPEG of more than {MAX_SCANS} scans or {MAX_SEGMENTS} segments")
        at = found.end()
        if marker not in _ALONE:
            at += int.from_bytes(data[at : at + 2])
