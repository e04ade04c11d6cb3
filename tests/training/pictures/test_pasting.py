"""What is pasted lies where it should, can be seen in every mode, and leaves the rest of the picture alone."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from training.pictures.pasting import MODES, OUTLINES, VISIBLE, Way, any_way, paste, photographed

SHAPE = (96, 120)
WAY = Way((0.5, 0.5), (0.5, 0.5), "blob", False, "plain", 3)


def dots(dark=30, light=200, size=96):
    """Dark round holes on a light ground, opaque."""
    y, x = np.mgrid[:size, :size] % 16 - 8
    grey = np.where(y * y + x * x < 25, dark, light).astype(np.uint8)
    return Image.merge("RGBA", [Image.fromarray(grey)] * 3 + [Image.new("L", (size, size), 255)])


def plain(*colour):
    return np.broadcast_to(np.float32(colour), (*SHAPE, 3)).copy()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("colour", [(120, 90, 70), (5, 5, 8), (250, 250, 250)])
def test_holes_can_be_seen_in_every_mode_on_dark_and_on_light(mode, colour):
    pasted = paste(plain(*colour), dots(), replace(WAY, mode=mode), 0.25)

    middle = pasted[32:64, 40:80].mean(axis=2)
    assert middle.std() > VISIBLE
    assert pasted.min() >= 0
    assert pasted.max() <= 255


@pytest.mark.parametrize("mode", MODES)
def test_outside_its_box_and_shadow_the_picture_stays(mode):
    picture = plain(120, 90, 70)

    pasted = paste(picture, dots(), replace(WAY, mode=mode, size=(0.4, 0.4)), 0.16)

    assert np.abs(pasted - picture)[:3].max() < 1
    assert np.abs(pasted - picture)[48, 60].max() > 5


@pytest.mark.parametrize(("outline", "least", "most"), [("box", 0.2, 0.3), ("side", 0.2, 0.3), ("whole", 1, 1)])
def test_an_outline_covers_the_share_it_is_given(outline, least, most):
    size = (1.0, 1.0) if outline in {"side", "whole"} else (0.5, 0.5)
    picture = plain(0, 0, 0)

    pasted = paste(picture, dots(), replace(WAY, outline=outline, size=size), 0.25)

    assert least <= (pasted.max(axis=2) > 15).mean() <= most


def test_a_shaded_thing_takes_the_colour_of_the_picture():
    pasted = paste(plain(150, 100, 90), dots(), replace(WAY, mode="shaded"), 0.25)

    middle = pasted[32:64, 40:80].mean(axis=(0, 1))
    assert np.allclose(middle / middle.mean(), np.array([150, 100, 90]) / (340 / 3), atol=0.05)


def test_the_same_way_pastes_two_things_in_the_same_place():
    picture, way = plain(0, 0, 0), any_way(np.random.default_rng(6), 0.4)
    things = dots(), dots().rotate(90).transpose(Image.Transpose.FLIP_TOP_BOTTOM)

    covered = [paste(picture, thing, replace(way, mode="plain"), 0.4).max(axis=2) > 5 for thing in things]

    assert (covered[0] == covered[1]).mean() > 0.98
    assert 0.1 < covered[0].mean() < 1


def test_a_faint_pattern_on_a_busy_photograph_is_laid_on_and_not_blended_in():
    busy = np.random.default_rng(0).uniform(0, 255, (*SHAPE, 3)).astype(np.float32)
    shaded, toned = (paste(busy, dots(90, 140), replace(WAY, mode=mode), 0.25) for mode in ("shaded", "toned"))

    assert np.array_equal(shaded[40:56, 50:70], toned[40:56, 50:70])


def test_ways_differ_and_use_every_outline_and_mode():
    rng = np.random.default_rng(0)

    ways = [any_way(rng, 0.5) for _ in range(200)]

    assert {way.outline for way in ways} == set(OUTLINES)
    assert {way.mode for way in ways} == set(MODES)
    assert len({way.centre for way in ways}) > 100


def test_a_cluster_over_the_whole_picture_leaves_no_border():
    pasted = paste(plain(0, 0, 0), dots(), any_way(np.random.default_rng(1), 1.0), 1.0)

    assert pasted[[0, -1]].max(axis=2).min() > 5


def test_the_camera_keeps_the_size_and_repeats_itself():
    picture = plain(90, 120, 60)

    one, same, other = (photographed(np.random.default_rng(seed), picture) for seed in (1, 1, 2))

    assert one.shape == (*SHAPE, 3)
    assert one.dtype == np.uint8
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
