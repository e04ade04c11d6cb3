"""What a picture is, before anything believes it: hostile bytes in, checked facts or a counted reason out."""

import io
import struct
import warnings
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal, cast

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from store.blobs import Blobs
from store.errors import InputError
from store.jpeg import TooMuchWork, refuse_endless
from store.pdq import pdq

# Pillow reads some fifty formats; each decoder is a door. These are what pictures on the web are made of.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")

KNOWN_HEADS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
# TIFF, icons, Photoshop, JPEG XL; HEIC and AVIF say "ftyp" a little later.
OTHER_HEADS = (b"II*\0", b"MM\0*", b"\0\0\1\0", b"8BPS", b"\0\0\0\x0cJXL ")

# EXIF's orientation (tag 274): what turns the stored pixels upright; 1 is upright already.
ORIENTATION = 274
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Reason = Literal[
    "not_an_image",
    "truncated",
    "too_many_pixels",
    "too_many_bytes",
    "unsupported_format",
    "too_small",
    "missing",
]


@dataclass(frozen=True)
class Limits:
    """What is read at all: caps in bytes and pixels that are checked before any pixel is decoded."""

    max_bytes: int = 50 * 2**20
    max_pixels: int = 50_000_000
    min_side: int = 32


@dataclass(frozen=True)
class Picture:
    """Checked facts of one picture; width and height in pixels as displayed, size in bytes."""

    sha256: str
    format: str
    width: int
    height: int
    size: int
    pdq: bytes
    pdq_quality: int


class UnreadablePicture(InputError):
    """Bytes that are no usable picture; ``reason`` is what a tally counts."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason.replace('_', ' ')}: {detail}")
        self.reason = reason
        self.detail = detail


def read_file(path: Path, limits: Limits = Limits()) -> bytes:
    """Return a picture file's bytes, of which no more than ``limits`` allow are ever in memory.

    Raises UnreadablePicture when there are more, OSError when it cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(limits.max_bytes + 1)
    if len(data) > limits.max_bytes:
        raise UnreadablePicture("too_many_bytes", f"more than {limits.max_bytes} bytes")
    return data


def check(data: bytes, limits: Limits = Limits()) -> Picture:
    """Decode the whole picture once, within ``limits``, and return its facts with its PDQ hash.

    PDQ is Meta's 256-bit perceptual hash ("The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing
    Algorithm", 2019); quality runs from 0 to 100 and a hash of quality <= 49 says little.
    Raises UnreadablePicture with its reason.
    """
    pixels, name = _read(data, limits)
    if min(pixels.size) < limits.min_side:
        raise UnreadablePicture(
            "too_small", f"{pixels.width} x {pixels.height}, smaller than {limits.min_side} a side"
        )
    code, quality = perceptual_hash(pixels)
    return Picture(sha256(data).hexdigest(), name, pixels.width, pixels.height, len(data), code, quality)


def decode(data: bytes, limits: Limits = Limits()) -> Image.Image:
    """Return the first frame as 8-bit sRGB: orientation applied, ICC profile converted, alpha over white.

    This is one half of the model's contract (the resize is the other): Chrome applies profiles, so we do too.
    Raises UnreadablePicture with its reason.
    """
    return _read(data, limits)[0]


def decode_stored(blobs: Blobs, digest: str) -> Image.Image:
    """Return what ``decode`` returns of a stored picture.

    Every one could be read when it was stored. Raises InputError when it cannot be any more, or is missing;
    StoreError when its file cannot be opened.
    """
    try:
        return decode(blobs.get(digest))
    except UnreadablePicture as error:
        # As long as there is a file of this name, an import leaves it alone.
        way_out = "delete this file and import its source again"
        raise InputError(f"{blobs.path(digest)}: damaged since it was stored ({error}); {way_out}") from error


def _read(data: bytes, limits: Limits) -> tuple[Image.Image, str]:
    """Return the displayed pixels and the name of the format."""
    if len(data) > limits.max_bytes:
        raise UnreadablePicture("too_many_bytes", f"{len(data)} bytes, more than {limits.max_bytes}")
    try:
        refuse_endless(data)
        with warnings.catch_warnings():
            # Pillow only warns of a decompression bomb below twice its own cap; ours is checked here instead. What
            # it says of odd metadata would be noise: either the pixels are read or a reason is counted.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                # Telephones write JPEG with further pictures behind the first; Pillow calls that MPO.
                name = "JPEG" if image.format == "MPO" else str(image.format)
                return _displayed(image, limits), name
    except Image.DecompressionBombError as error:
        raise UnreadablePicture("too_many_pixels", f"more than {limits.max_pixels} pixels") from error
    except TooMuchWork as error:
        raise UnreadablePicture("too_many_pixels", str(error)) from error
    except UnidentifiedImageError as error:
        raise _unidentified(data) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        cut = "truncated" in str(error).lower() or _ends_before_it_says(data)
        reason: Reason = "truncated" if cut else "not_an_image"
        raise UnreadablePicture(reason, str(error) or type(error).__name__) from error


def perceptual_hash(pixels: Image.Image) -> tuple[bytes, int]:
    """Return the 256-bit PDQ hash of an RGB picture as 32 bytes, and its quality in 0..100."""
    # PDQ looks at 64 x 64 luminance blocks; a picture of 512 pixels holds all of that and hashes far faster.
    small = pixels
    if max(pixels.size) > 512:
        small = pixels.copy()
        small.thumbnail((512, 512), Image.Resampling.BOX)
    return pdq(np.asarray(small))


def _unidentified(data: bytes) -> UnreadablePicture:
    if data.startswith(KNOWN_HEADS) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return UnreadablePicture("truncated", "the file is damaged in its header, or ends there")
    if b"<svg" in data[:1000].lower() or data[4:8] == b"ftyp" or data.startswith(OTHER_HEADS):
        return UnreadablePicture("unsupported_format", f"only {', '.join(FORMATS)} are read")
    return UnreadablePicture("not_an_image", "the bytes are no picture that is known here")


def _ends_before_it_says(data: bytes) -> bool:
    """WebP: a RIFF container states the length of what follows its first 8 bytes."""
    return data[:4] == b"RIFF" and int.from_bytes(data[4:8], "little") > len(data) - 8


def _displayed(image: Image.Image, limits: Limits) -> Image.Image:
    if image.width * image.height > limits.max_pixels:
        raise UnreadablePicture(
            "too_many_pixels", f"{image.width} x {image.height}, more than {limits.max_pixels} pixels"
        )
    image.seek(0)
    image.load()
    return _over_white(_to_srgb(_upright(image)))


def _upright(image: Image.Image) -> Image.Image:
    """Turn by the orientation; ImageOps.exif_transpose would write the other tags anew and fails on odd ones."""
    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif", b""))
        method = UPRIGHT.get(exif.get(ORIENTATION, 1))
    except (SyntaxError, struct.error, TypeError):
        # Browsers show a picture whose metadata is broken; so do we.
        return image
    return image if method is None else image.transpose(method)


def _to_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):
        # 16-bit grey: convert() would clip everything above 255 to white; browsers scale.
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    transparent = "A" in image.getbands() or "transparency" in image.info
    flat = image.convert("RGBA" if transparent else "RGB") if image.mode != "CMYK" else image
    if not profile:
        return flat if flat.mode in ("RGB", "RGBA") else flat.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if flat.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(flat, source, ImageCms.createProfile("sRGB"), outputMode=mode)
        return cast(Image.Image, converted)
    except (ImageCms.PyCMSError, OSError, ValueError):
        # A broken or foreign (grey, CMYK) profile: browsers ignore it as well.
        return flat if flat.mode in ("RGB", "RGBA") else flat.convert("RGB")


def _over_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    pixels = np.asarray(image)
    colour = np.empty((*pixels.shape[:2], 3), np.uint8)
    # In strips, so that the products stay in the cache; none exceeds 255 * 255 + 127, which 16 bits hold.
    for top in range(0, len(pixels), 64):
        strip = pixels[top : top + 64].astype(np.uint16)
        alpha = strip[..., 3:]
        # Integer arithmetic, rounded: the extension does exactly this.
        colour[top : top + 64] = (strip[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return Image.fromarray(colour)
