import hashlib
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import synthetic

KIND_NAMES = [kind.name for kind in synthetic.KINDS]


def test_the_same_seed_draws_the_same_bytes():
    first = [synthetic.draw(seed) for seed in range(6)]

    again = [synthetic.draw(seed) for seed in range(6)]

    for one, other in zip(first, again, strict=True):
        assert (one.positive, one.kind) == (other.positive, other.kind)
        assert np.array_equal(one.pixels, other.pixels)


def test_another_process_draws_the_same_bytes_whatever_its_threads():
    script = (
        "import hashlib, synthetic\n"
        "for k in synthetic.KINDS:\n"
        "    print(hashlib.sha256(synthetic.draw(3, kind=k.name).pixels.tobytes()).hexdigest())\n"
        "print(hashlib.sha256(synthetic.patch(3, 'brain_coral', 96).tobytes()).hexdigest())\n"
    )
    here = [hashlib.sha256(synthetic.draw(3, kind=name).pixels.tobytes()).hexdigest() for name in KIND_NAMES]
    here.append(hashlib.sha256(synthetic.patch(3, "brain_coral", 96).tobytes()).hexdigest())

    there = subprocess.run(
        [sys.executable, "-c", script],
        env={"OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(p for p in sys.path if p)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert there.stdout.split() == here


def test_global_random_state_neither_matters_nor_changes():
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    one = synthetic.draw(5)

    np.random.seed(1)
    other = synthetic.draw(5)

    assert np.array_equal(one.pixels, other.pixels)
    assert np.array_equal(before, np.random.get_state()[1])


@pytest.mark.parametrize("kind", synthetic.KINDS, ids=KIND_NAMES)
def test_every_kind_draws_a_picture_with_something_on_it(kind):
    drawings = [synthetic.draw(seed, kind=kind.name) for seed in range(4)]

    for drawing in drawings:
        assert (drawing.kind, drawing.positive) == (kind.name, kind.positive)
        assert drawing.pixels.dtype == np.uint8
        assert drawing.pixels.flags.c_contiguous
        assert drawing.pixels.std() > 4


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**64), st.sampled_from([None, True, False]))
def test_any_seed_draws_a_picture_of_the_class_asked_for_within_the_sizes_promised(seed, positive):
    drawing = synthetic.draw(seed, positive)

    height, width, channels = drawing.pixels.shape
    assert channels == 3
    assert 160 <= height <= 420
    assert 160 <= width <= 420
    assert positive is None or drawing.positive is positive
    assert drawing.kind in KIND_NAMES


def test_different_seeds_and_kinds_draw_different_pictures():
    drawings = [synthetic.draw(seed, kind=name) for seed in range(2) for name in ("honeycomb", "coral", "weave")]

    digests = {hashlib.sha256(drawing.pixels.tobytes()).digest() for drawing in drawings}

    assert len(digests) == len(drawings)


def test_there_are_at_least_six_clusters_and_ten_look_alikes_each_named_once():
    counts = Counter(kind.positive for kind in synthetic.KINDS)

    assert counts[True] >= 6
    assert counts[False] >= 10
    assert len(set(KIND_NAMES)) == len(KIND_NAMES)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"seed": 1, "kind": "honycomb"}, "unknown kind 'honycomb' .*honeycomb"),
        ({"seed": 1, "positive": False, "kind": "honeycomb"}, "'honeycomb' is positive"),
        ({"seed": 1, "positive": True, "kind": "weave"}, "'weave' is normal"),
        ({"seed": -1}, "non-negative"),
    ],
)
def test_an_impossible_wish_is_refused_with_a_reason(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        synthetic.draw(**arguments)
