import numpy as np

from synthetic import cells, points


def test_a_lattice_gives_each_pixel_to_the_nearest_point():
    lattice = points.hexagonal(np.random.default_rng(1), (60, 75), 12, jitter=0.08)

    field = cells.of_lattice(lattice, (60, 75))

    y, x = np.mgrid[0:60, 0:75] + 0.5
    distance = np.sqrt((y[..., None] - lattice.y.ravel()) ** 2 + (x[..., None] - lattice.x.ravel()) ** 2)
    assert np.array_equal(field.owner, distance.argmin(-1))
    assert np.allclose(field.u, distance.min(-1) / 6, atol=1e-3)
    assert np.allclose(np.hypot(field.y, field.x), field.u, atol=1e-3)


def test_the_edge_distance_is_half_the_spacing_in_the_middle_of_a_cell_and_nothing_on_its_border():
    lattice = points.hexagonal(np.random.default_rng(1), (96, 96), 24, jitter=0)

    field = cells.of_lattice(lattice, (96, 96))

    assert field.edge.min() >= 0
    assert field.edge.min() < 0.05
    assert 0.85 < field.edge[field.u < 0.1].min() <= field.edge.max() < 1.05


def test_a_disc_owns_the_pixels_within_its_radius_and_no_disc_owns_the_far_ones():
    discs = points.Discs(*(np.array(v, np.float32) for v in ([20, 40], [20, 44], [8, 4])))

    field = cells.of_discs(discs, (60, 60))

    assert field.owner[20, 20] == 0
    assert field.owner[40, 44] == 1
    assert abs(float(field.u[20, 28]) - 8.5 / 8) < 0.02
    assert field.u[0, 59] == cells.FAR


def test_no_disc_at_all_leaves_every_pixel_far_away():
    nothing = points.Discs(*(np.zeros(0, np.float32) for _ in range(3)))

    field = cells.of_discs(nothing, (10, 12))

    assert (field.u == cells.FAR).all()
