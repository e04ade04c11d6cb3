"""Bytes that mean harm or are merely broken: a counted reason comes out, soon, and in little memory."""

import json
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from store.pictures import FORMATS, UnreadablePicture, check, decode
from tests.pictures import encoded, jpeg, noise, png
from tests.store.profiles import rgb_profile

MEASURE = """
import json, resource, sys, time
from pathlib import Path
from store.pictures import UnreadablePicture, check
before, slowest, outcomes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0, []
for path in sorted(Path(sys.argv[1]).iterdir()):
    data, begun = path.read_bytes(), time.process_time()
    try:
        outcomes.append(check(data).format)
    except UnreadablePicture as error:
        outcomes.append(error.reason)
    slowest = max(slowest, time.process_time() - begun)
print(json.dumps([outcomes, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, slowest]))
"""


def measured(folder: Path, *pictures: bytes) -> tuple[list[str], float, float]:
    """Check them in a process of its own; return outcomes, MiB that it grew by, seconds of the slowest."""
    for number, data in enumerate(pictures):
        (folder / f"{number:02}").write_bytes(data)
    ended = subprocess.run([sys.executable, "-c", MEASURE, str(folder)], capture_output=True, text=True, check=True)
    outcomes, memory, seconds = json.loads(ended.stdout)
    return outcomes, memory, seconds


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def flat_png(width: int, height: int, *extra: bytes) -> bytes:
    """Return a black grey PNG of any size, made a row at a time."""
    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(b"\0" * (width + 1)) for _ in range(height)) + packer.flush()
    head = chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_png_of_20000_a_side_and_its_like_are_refused_at_once_in_little_memory(tmp_path):
    huge = flat_png(20_000, 20_000)
    # Above our cap, below the one at which Pillow itself refuses.
    large = flat_png(8_000, 8_000)
    claims = [claiming(encoded(noise(), kind), kind) for kind in ("GIF", "WEBP", "BMP")]
    assert len(huge) < 4 * 2**20

    outcomes, memory, seconds = measured(tmp_path, huge, large, *claims)

    assert outcomes[:2] == ["too_many_pixels"] * 2
    assert set(outcomes[2:]) <= {"too_many_pixels", "truncated"}
    assert memory < 60
    assert seconds < 0.5


def claiming(data: bytes, kind: str) -> bytes:
    """Rewrite the size in the header."""
    if kind == "GIF":
        return data[:6] + struct.pack("<2H", 65_535, 65_535) + data[10:]
    if kind == "BMP":
        return data[:18] + struct.pack("<2i", 30_000, 30_000) + data[26:]
    # The frame header of VP8: a start code, then both sides in 14 bits.
    at = data.index(b"\x9d\x01\x2a") + 3
    return data[:at] + struct.pack("<2H", 16_383, 16_383) + data[at + 4 :]


def test_a_large_picture_takes_less_than_20_bytes_a_pixel(tmp_path):
    # A palette with alpha is the dearest way to many pixels: it is read, made RGBA, and composited.
    image = Image.new("P", (4_000, 4_000))
    image.putpalette([10, 20, 30])
    data = encoded(image, "PNG", transparency=bytes([100]), compress_level=1)

    outcomes, memory, _ = measured(tmp_path, data)

    # At the cap of 50 million pixels that is three times as much.
    assert outcomes == ["PNG"]
    assert memory < 300


def test_bombs_in_metadata_and_in_later_frames_take_little_memory(tmp_path):
    bomb = zlib.compress(b"\0" * 100_000_000, 1)
    prefixes = {b"zTXt": b"k\0\0", b"iTXt": b"k\0\1\0\0\0", b"iCCP": b"k\0\0"}
    metadata = [flat_png(64, 64, chunk(name, prefix + bomb)) for name, prefix in prefixes.items()]
    frames = [Image.new("P", (600, 600), number) for number in range(100)]

    outcomes, memory, seconds = measured(
        tmp_path, *metadata, encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    )

    assert outcomes[3] == "GIF"
    assert memory < 60
    assert seconds < 0.5


def test_a_jpeg_that_writes_its_pixels_a_thousand_times_is_refused_at_once(tmp_path):
    data = encoded(Image.new("RGB", (3000, 3000)), "JPEG", progressive=True)
    last_scan = data[data.rindex(b"\xff\xda") : -2]
    # A byte of no meaning before it must not hide it.
    scans = [
        data[:-2] + (noise_between + last_scan) * 1000 + data[-2:] for noise_between in (b"", b"\xff\x01", b"\xff")
    ]

    outcomes, _, seconds = measured(tmp_path, *scans)

    assert outcomes == ["too_many_pixels"] * 3
    assert seconds < 0.3


def test_a_jpeg_of_a_hundred_thousand_pieces_of_metadata_is_refused_at_once(tmp_path):
    data = jpeg()
    pieces = data[:2] + b"\xff\xe1\0\x0aExif\0\0xx" * 300_000 + data[2:]

    outcomes, _, seconds = measured(tmp_path, pieces)

    assert outcomes == ["too_many_pixels"]
    assert seconds < 0.3


def test_a_progressive_jpeg_with_a_film_behind_it_is_read():
    # Telephones append a film to a photograph: whatever its bytes are, they are no scans.
    film = np.random.default_rng(1).bytes(3_000) + b"\xff\xda" * 1000

    assert check(encoded(noise(), "JPEG", progressive=True) + film).format == "JPEG"


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
def test_a_file_that_ends_early_is_truncated(kind, share):
    data = encoded(noise(width=200, height=200), kind)

    with pytest.raises(UnreadablePicture) as caught:
        check(data[: int(len(data) * share)])

    assert caught.value.reason == "truncated"


@pytest.mark.parametrize("length", [3, 20, 100, 300])
def test_a_jpeg_that_ends_in_its_header_is_truncated(length):
    with pytest.raises(UnreadablePicture) as caught:
        check(jpeg()[:length])

    assert caught.value.reason == "truncated"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_an_image"),
        (b"\0", "not_an_image"),
        (b"This is a text that somebody named photo.jpg.\n" * 20, "not_an_image"),
        (b"<!doctype html><title>404</title>", "not_an_image"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_format"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100, "unsupported_format"),
        (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1" + b"\0" * 100, "unsupported_format"),
        (encoded(noise(), "TIFF"), "unsupported_format"),
        (encoded(noise(), "ICO"), "unsupported_format"),
        (b"%PDF-1.7\n", "not_an_image"),
    ],
)
def test_what_is_no_picture_of_ours_says_why(data, reason):
    with pytest.raises(UnreadablePicture) as caught:
        check(data)

    assert caught.value.reason == reason
    assert str(caught.value).startswith(reason.replace("_", " ") + ": ")
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (0, 0)])
def test_a_picture_without_pixels_is_refused(size):
    head = chunk(b"IHDR", struct.pack(">2I5B", *size, 8, 0, 0, 0, 0))

    with pytest.raises(UnreadablePicture):
        decode(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""))


def test_an_endless_strip_is_hashed_soon():
    begun = time.process_time()

    picture = check(flat_png(1_000_000, 32))

    assert (picture.width, picture.height) == (1_000_000, 32)
    assert time.process_time() - begun < 5


def exif_of(tags: dict[int, object]) -> bytes:
    exif = Image.Exif()
    for tag, value in tags.items():
        exif[tag] = value
    return exif.tobytes()


PROFILE = rgb_profile(((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)))
SMALL = noise(1, 40, 36)
GLASS = Image.merge("RGBA", (*SMALL.split(), Image.linear_gradient("L").resize(SMALL.size)))
TURNED = exif_of({0x0112: 6, 0x010E: "a description", 0x9003: "2020:01:01 00:00:00"})
SIXTEEN = Image.fromarray(np.arange(40 * 36, dtype=np.uint16).reshape(36, 40) * 40)
SEEDS = (
    encoded(SMALL, "JPEG"),
    encoded(SMALL, "JPEG", progressive=True, exif=TURNED, icc_profile=PROFILE),
    encoded(SMALL.convert("CMYK"), "JPEG"),
    encoded(SMALL, "MPO", save_all=True, append_images=[noise(2, 40, 36)]),
    encoded(SMALL, "PNG", exif=TURNED, icc_profile=PROFILE),
    encoded(GLASS, "PNG"),
    encoded(SMALL.quantize(16), "PNG", transparency=3),
    encoded(SIXTEEN, "PNG"),
    encoded(SMALL, "PNG", save_all=True, append_images=[noise(3, 40, 36)]),
    encoded(SMALL, "GIF", save_all=True, append_images=[noise(3, 40, 36)], transparency=2),
    encoded(SMALL, "WEBP"),
    encoded(GLASS, "WEBP", lossless=True, exif=TURNED, icc_profile=PROFILE),
    encoded(SMALL, "WEBP", save_all=True, append_images=[noise(3, 40, 36)]),
    encoded(SMALL.quantize(16), "BMP"),
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Draw a small picture with bytes changed, cut out, put in or cut off, mostly near its beginning."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, min(len(data), 400))) if draw(st.booleans()) else draw(st.integers(0, len(data)))
        damage = draw(st.sampled_from([b"\0", b"\xff", b"\x01", b"\x7f", b"\xff" * 4, b"\0" * 4, b"\0\0\0\1"]))
        match draw(st.integers(0, 3)):
            case 0:
                data[at : at + len(damage)] = damage
            case 1:
                data[at:at] = damage
            case 2:
                del data[at : at + draw(st.integers(1, 20))]
            case 3:
                data[at : at + 1] = bytes([draw(st.integers(0, 255))])
    return bytes(data)


def assert_a_picture_or_a_reason(data: bytes) -> None:
    try:
        picture = check(data)
    except UnreadablePicture as error:
        assert "\n" not in str(error)
    else:
        assert picture.format in FORMATS
        assert picture.width * picture.height <= 50_000_000


@given(damaged())
@settings(max_examples=700)
def test_a_damaged_picture_is_a_picture_or_a_reason(data):
    assert_a_picture_or_a_reason(data)


@given(st.binary(max_size=2_000))
@example(png()[:8])
@example(b"\xff\xd8\xff")
@example(b"GIF89a")
@example(b"RIFF\0\0\0\0WEBPVP8X")
@example(b"BM")
def test_random_bytes_are_a_picture_or_a_reason(data):
    assert_a_picture_or_a_reason(data)


@given(st.sampled_from(SEEDS).flatmap(lambda data: st.binary(max_size=300).map(lambda tail: data[:40] + tail)))
def test_a_true_beginning_with_a_random_end_is_a_picture_or_a_reason(data):
    assert_a_picture_or_a_reason(data)
