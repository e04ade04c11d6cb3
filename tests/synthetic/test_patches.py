import numpy as np
import pytest

import synthetic

PASTEABLE = [kind.name for kind in synthetic.KINDS if kind.surface is not None]


@pytest.mark.parametrize("kind", PASTEABLE)
def test_a_patch_is_an_object_on_a_transparent_ground(kind):
    patches = [synthetic.patch(seed, kind, 128) for seed in range(3)]

    for patch in patches:
        alpha = patch[..., 3].astype(float) / 255
        assert patch.shape == (128, 128, 4)
        assert patch.dtype == np.uint8
        assert alpha[[0, 0, -1, -1], [0, -1, 0, -1]].max() == 0
        assert 0.15 < alpha.mean() < 0.8
        assert alpha.max() > 0.99
        assert patch[..., :3][alpha > 0.9].std() > 3


def test_a_patch_fades_out_before_its_border():
    kinds = ("sponge", "honeycomb", "lotus_pod", "bricks")
    patches = [synthetic.patch(seed, kind, 96)[..., 3].astype(float) for seed in range(12) for kind in kinds]

    borders = [np.concatenate([a[0], a[-1], a[:, 0], a[:, -1]]).mean() / 255 for a in patches]

    assert max(borders) < 0.02


@pytest.mark.parametrize("size", [16, 33, 400])
def test_a_patch_of_any_kind_has_the_size_asked_for(size):
    kinds = PASTEABLE if size < 100 else PASTEABLE[::5]

    patches = [synthetic.patch(2, kind, size) for kind in kinds]

    assert {patch.shape for patch in patches} == {(size, size, 4)}


def test_the_same_seed_cuts_the_same_patch():
    one = synthetic.patch(9, "foam", 96)

    other = synthetic.patch(9, "foam", 96)

    assert np.array_equal(one, other)


@pytest.mark.parametrize(
    ("kind", "size", "complaint"),
    [("background", 64, "no surface"), ("coral", 8, "too small"), ("corals", 64, "unknown kind")],
)
def test_an_impossible_patch_is_refused_with_a_reason(kind, size, complaint):
    with pytest.raises(ValueError, match=complaint):
        synthetic.patch(1, kind, size)
