"""ICC profiles made by hand, since Pillow can only make sRGB, LAB and XYZ (ICC.1:2010, sections 7 to 10)."""

import struct

Primaries = tuple[tuple[float, float, float], ...]

# sRGB's curve as a table of 1,024 steps.
STEPS = [value / 1023 for value in range(1024)]
CURVE = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in STEPS]


def rgb_profile(primaries: Primaries) -> bytes:
    """Return a display profile with sRGB's curve and these red, green and blue (XYZ under D50)."""
    curve = (
        b"curv" + struct.pack(">2I", 0, len(CURVE)) + b"".join(struct.pack(">H", round(v * 65535)) for v in CURVE)
    )
    tags = {
        b"desc": _description(b"made by hand"),
        b"wtpt": _xyz((0.9642, 1.0, 0.8249)),
        b"cprt": b"text\0\0\0\0none\0",
    }
    for letter, primary in zip(b"rgb", primaries, strict=True):
        tags[bytes([letter]) + b"XYZ"] = _xyz(primary)
        tags[bytes([letter]) + b"TRC"] = curve
    return _assemble(tags)


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_fixed(value) for value in values)


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _description(words: bytes) -> bytes:
    return b"desc\0\0\0\0" + struct.pack(">I", len(words) + 1) + words + b"\0" + b"\0" * 78


def _assemble(tags: dict[bytes, bytes]) -> bytes:
    offset = 128 + 4 + 12 * len(tags)
    table, bodies = struct.pack(">I", len(tags)), b""
    for name, body in tags.items():
        padded = body + b"\0" * (-len(body) % 4)
        table += name + struct.pack(">2I", offset + len(bodies), len(body))
        bodies += padded
    white = b"".join(_fixed(value) for value in (0.9642, 1.0, 0.8249))
    header = struct.pack(">I4sI4s4s4s", offset + len(bodies), b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    header += b"\0" * 12 + b"acsp" + b"\0" * 28 + white + b"\0" * 48
    return header + table + bodies
