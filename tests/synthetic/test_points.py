import numpy as np

from synthetic import points


def test_packed_discs_keep_their_distance():
    rng = np.random.default_rng(1)

    discs = points.packed(rng, (120, 200), points.power_law(rng, 150, 3, 15, 2), gap=1.0)

    centres = np.stack([discs.y, discs.x], axis=1).astype(float)
    apart = np.sqrt(((centres[:, None] - centres[None]) ** 2).sum(-1))
    touching = apart < discs.radius[:, None] + discs.radius[None] - 1e-3
    assert len(discs.radius) > 20
    assert not (touching & ~np.eye(len(centres), dtype=bool)).any()


def test_power_law_radii_stay_in_their_bounds_and_are_mostly_small():
    rng = np.random.default_rng(2)

    radii = points.power_law(rng, 2000, 2, 20, 2.5)

    assert radii.min() >= 2
    assert radii.max() <= 20
    assert np.median(radii) < 4


def test_relaxed_points_keep_a_larger_distance_than_random_ones():
    def nearest(steps):
        lattice = points.relaxed(np.random.default_rng(3), (200, 200), 20, steps)
        at = np.stack([lattice.y.ravel(), lattice.x.ravel()], axis=1)
        apart = np.sqrt(((at[:, None] - at[None]) ** 2).sum(-1)) + 1e9 * np.eye(len(at))
        return float(np.quantile(apart.min(1), 0.05))

    random, relaxed = nearest(0), nearest(4)

    assert relaxed > 1.5 * random


def test_a_hexagonal_lattice_without_jitter_has_six_equal_neighbours():
    lattice = points.hexagonal(np.random.default_rng(4), (160, 160), 20, jitter=0)

    at = np.stack([lattice.y.ravel(), lattice.x.ravel()], axis=1)
    middle = at[np.argmin(((at - 80) ** 2).sum(1))]
    nearest = np.sort(np.sqrt(((at - middle) ** 2).sum(1)))[1:7]

    assert np.allclose(nearest, 20, atol=0.5)
