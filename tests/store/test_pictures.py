"""What a picture looks like once it is decoded: as a browser shows it, to the last bit."""

import io
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.Image import Transpose

from store.blobs import Blobs
from store.errors import InputError
from store.pictures import ORIENTATION, Limits, UnreadablePicture, check, decode, decode_stored
from tests.pictures import encoded, gradient, jpeg, noise, png
from tests.store.profiles import rgb_profile

# sRGB's red, green and blue in XYZ, and Display P3's: P3's are further out.
SRGB_PRIMARIES = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7142))
P3_PRIMARIES = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))


def pixels_of(data: bytes) -> np.ndarray:
    return np.asarray(decode(data)).astype(int)


def flat(colour: tuple[int, ...], mode: str = "RGB", side: int = 40) -> Image.Image:
    return Image.new(mode, (side, side), colour)


def test_facts_of_a_checked_picture_are_those_of_its_bytes():
    data = jpeg(seed=1, width=120, height=80)

    picture = check(data)

    assert picture.sha256 == sha256(data).hexdigest()
    assert (picture.format, picture.width, picture.height, picture.size) == ("JPEG", 120, 80, len(data))
    assert len(picture.pdq) == 32
    assert 0 <= picture.pdq_quality <= 100


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_every_promised_format_is_read_and_named(kind):
    picture = check(encoded(noise(width=64, height=48), kind))

    assert (picture.format, picture.width, picture.height) == (kind, 64, 48)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_mode_of_png_comes_out_as_rgb(mode):
    image = decode(encoded(noise().convert(mode)))

    assert image.mode == "RGB"
    assert image.size == (96, 64)


@pytest.mark.parametrize(
    ("orientation", "undo"),
    [
        (2, Transpose.FLIP_LEFT_RIGHT),
        (3, Transpose.ROTATE_180),
        (4, Transpose.FLIP_TOP_BOTTOM),
        (5, Transpose.TRANSPOSE),
        (6, Transpose.ROTATE_90),
        (7, Transpose.TRANSVERSE),
        (8, Transpose.ROTATE_270),
    ],
)
def test_a_turned_photograph_is_turned_upright_by_its_exif(orientation, undo):
    upright = gradient(96, 64)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation

    picture = decode(encoded(upright.transpose(undo), "PNG", exif=exif.tobytes()))

    assert np.array_equal(np.asarray(picture), np.asarray(upright))


def test_width_and_height_are_those_of_the_upright_picture():
    exif = Image.Exif()
    exif[ORIENTATION] = 6

    picture = check(encoded(noise(width=96, height=64), "JPEG", exif=exif.tobytes()))

    assert (picture.width, picture.height) == (64, 96)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"garbage", b"Exif\0\0MM\0*" + b"\xff" * 90]
)
def test_broken_exif_costs_nobody_the_picture(exif, recwarn):
    data = encoded(noise(), "JPEG", quality=90, exif=exif)

    assert np.array_equal(pixels_of(data), pixels_of(jpeg()))
    assert not recwarn.list


def test_a_tag_of_the_wrong_type_costs_nobody_the_picture():
    # ImageOps.exif_transpose raises TypeError here: it writes the other tags anew.
    header = (
        b"II*\0\x08\0\0\0\x02\0"
        + b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"
        + b"\x0e\x01\x63\0\x01\0\0\0AAAA"
        + b"\0" * 4
    )
    data = encoded(noise(width=96, height=64), "JPEG", exif=b"Exif\0\0" + header)

    assert decode(data).size == (64, 96)


def test_an_orientation_that_only_xmp_names_is_ignored_as_browsers_ignore_it():
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'

    assert decode(encoded(noise(width=96, height=64), "JPEG", xmp=xmp)).size == (96, 64)


def test_display_p3_is_converted_to_srgb_within_one_step():
    # The same colour, in P3's numbers and in sRGB's: 200, 100, 50 of P3 lies inside of sRGB.
    data = encoded(flat((200, 100, 50)), "PNG", icc_profile=rgb_profile(P3_PRIMARIES))
    expected = to_srgb((200, 100, 50), P3_PRIMARIES)

    assert np.abs(pixels_of(data)[20, 20] - expected).max() <= 1
    assert np.abs(np.array((200, 100, 50)) - expected).max() > 10


def test_an_srgb_profile_changes_nothing_beyond_rounding():
    plain = noise(3)

    converted = pixels_of(encoded(plain, "PNG", icc_profile=rgb_profile(SRGB_PRIMARIES)))

    assert np.abs(converted - np.asarray(plain)).max() <= 1


def test_a_profile_leaves_the_alpha_alone():
    image = noise().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    profile = rgb_profile(SRGB_PRIMARIES)

    difference = pixels_of(encoded(image, "PNG", icc_profile=profile)) - pixels_of(encoded(image, "PNG"))

    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("profile", [b"", b"no profile", b"\0" * 200, rgb_profile(P3_PRIMARIES)[:150]])
def test_a_broken_profile_is_ignored(profile):
    assert np.array_equal(pixels_of(encoded(noise(), "PNG", icc_profile=profile)), np.asarray(noise()))


def test_a_profile_of_another_colour_space_is_ignored():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()

    assert np.array_equal(pixels_of(encoded(noise(), "PNG", icc_profile=lab)), np.asarray(noise()))


def test_a_cmyk_jpeg_is_read():
    # Cyan takes red away, magenta green, yellow blue, black everything.
    assert np.abs(pixels_of(encoded(flat((255, 0, 0, 0), "CMYK"), "JPEG"))[20, 20] - (0, 255, 255)).max() <= 2
    assert np.abs(pixels_of(encoded(flat((0, 0, 0, 255), "CMYK"), "JPEG"))[20, 20] - (0, 0, 0)).max() <= 2


def test_a_cmyk_jpeg_with_an_rgb_profile_is_read_without_it():
    data = encoded(flat((0, 255, 255, 0), "CMYK"), "JPEG", icc_profile=rgb_profile(P3_PRIMARIES))

    assert np.abs(pixels_of(data)[20, 20] - (255, 0, 0)).max() <= 2


def test_a_palette_with_one_transparent_colour_is_white_there():
    image = Image.new("P", (40, 40), 0)
    image.putpalette([200, 0, 0, 0, 200, 0])
    image.paste(1, (0, 0, 40, 20))

    pixels = pixels_of(encoded(image, "PNG", transparency=1))

    assert pixels[10, 10].tolist() == [255, 255, 255]
    assert pixels[30, 10].tolist() == [200, 0, 0]


def test_a_palette_with_an_alpha_a_colour_is_blended():
    image = Image.new("P", (40, 40), 0)
    image.putpalette([200, 0, 0, 0, 200, 0])

    pixels = pixels_of(encoded(image, "PNG", transparency=bytes([100, 255])))

    assert pixels[0, 0].tolist() == [over_white(200, 100), over_white(0, 100), over_white(0, 100)]


def test_one_transparent_colour_of_an_rgb_png_is_white():
    image = flat((1, 2, 3))
    image.putpixel((0, 0), (9, 9, 9))

    pixels = pixels_of(encoded(image, "PNG", transparency=(1, 2, 3)))

    assert pixels[20, 20].tolist() == [255, 255, 255]
    assert pixels[0, 0].tolist() == [9, 9, 9]


def test_a_16_bit_png_is_scaled_not_clipped():
    ramp = np.linspace(0, 65535, 64 * 64).astype(np.uint16).reshape(64, 64)

    pixels = pixels_of(encoded(Image.fromarray(ramp), "PNG"))

    assert np.array_equal(pixels, np.stack([ramp >> 8] * 3, axis=-1))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_taken(kind):
    first, second = flat((250, 0, 0)), flat((0, 0, 250))

    pixels = pixels_of(encoded(first, kind, save_all=True, append_images=[second], **lossless(kind)))

    assert pixels[20, 20].tolist() == [250, 0, 0]


def test_a_telephones_jpeg_with_a_second_picture_behind_it_is_a_jpeg():
    picture = check(encoded(noise(1), "MPO", save_all=True, append_images=[noise(2)]))

    assert picture.format == "JPEG"


def test_alpha_is_composited_over_white_by_the_promised_integers():
    # Every colour with every alpha.
    colours, alphas = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    rgba = np.stack([colours, 255 - colours, colours // 2, alphas], axis=-1)

    pixels = pixels_of(encoded(Image.fromarray(rgba), "PNG"))

    for channel, values in enumerate((colours, 255 - colours, colours // 2)):
        expected = [over_white(int(c), int(a)) for c, a in zip(values.flat, alphas.flat, strict=True)]
        assert pixels[..., channel].reshape(-1).tolist() == expected


@given(colour=st.tuples(*[st.integers(0, 255)] * 4), width=st.integers(1, 9), height=st.integers(1, 200))
def test_alpha_arithmetic_does_not_depend_on_the_size(colour, width, height):
    pixels = pixels_of(encoded(Image.new("RGBA", (width, height), colour), "PNG"))

    assert (pixels == [over_white(c, colour[3]) for c in colour[:3]]).all()


@pytest.mark.parametrize(("width", "height"), [(31, 200), (200, 31), (1, 1)])
def test_a_picture_with_a_side_below_32_is_too_small(width, height):
    with pytest.raises(UnreadablePicture, match=f"too small: {width} x {height}, smaller than 32 a side") as caught:
        check(png(width=width, height=height))

    assert caught.value.reason == "too_small"


def test_limits_are_the_callers_to_set():
    assert check(png(width=8, height=8), Limits(min_side=8)).width == 8
    with pytest.raises(UnreadablePicture, match="too many pixels"):
        check(png(width=64, height=64), Limits(max_pixels=64 * 64 - 1))
    with pytest.raises(UnreadablePicture, match="too many bytes"):
        check(png(), Limits(max_bytes=100))


def over_white(colour: int, alpha: int) -> int:
    return (colour * alpha + 255 * (255 - alpha) + 127) // 255


def lossless(kind: str) -> dict[str, object]:
    return {"lossless": True} if kind == "WEBP" else {}


def to_srgb(colour: tuple[int, int, int], primaries: tuple[tuple[float, float, float], ...]) -> np.ndarray:
    """Convert by the definition of both spaces: to linear light, through XYZ, back to sRGB's curve."""
    encoded_light = np.array(colour) / 255
    linear = np.where(encoded_light <= 0.04045, encoded_light / 12.92, ((encoded_light + 0.055) / 1.055) ** 2.4)
    linear = np.linalg.solve(np.array(SRGB_PRIMARIES).T, np.array(primaries).T @ linear)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear.clip(0) ** (1 / 2.4) - 0.055)
    return np.rint(255 * curved).astype(int)


def test_pixels_of_a_jpeg_are_those_of_pillow():
    data = jpeg()

    assert np.array_equal(np.asarray(decode(data)), np.asarray(Image.open(io.BytesIO(data))))


def test_a_stored_picture_that_was_damaged_since_is_named_with_a_way_out_that_helps(tmp_path):
    blobs, data = Blobs(tmp_path), png()
    path = blobs.path(blobs.put(data))
    path.write_bytes(data[:900])

    with pytest.raises(InputError, match=rf"{path}: damaged .*truncated.*; delete this file and import") as caught:
        decode_stored(blobs, path.name)
    path.unlink()
    blobs.put(data)

    # One that can be read no more is no counted reason: nobody may go on without it.
    assert not isinstance(caught.value, UnreadablePicture)
    assert np.array_equal(decode_stored(blobs, path.name), decode(data))
