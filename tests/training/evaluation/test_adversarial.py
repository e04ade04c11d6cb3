"""Attacks on two networks: a linear one, where the best attack can be computed, and a real small one."""

from pathlib import Path

import keras
import numpy as np
import pytest

from store.config import HeadConfig
from store.progress import track
from tests.networks import SIZE, small_model
from training.evaluation.adversarial import Adversarial, Limits, Strike, attack, sample
from training.evaluation.pixel_budget import spend
from training.evaluation.white_box import Target, fgsm, noise, pgd
from training.networks.heads import HEAD, attach_head

SIDE = 8
LIMITS = Limits(eps=(0.0, 2.0, 4.0, 8.0), steps=5, cap=0.5, seed=3)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> keras.Model:
    return small_model(tmp_path_factory.mktemp("network"))


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    rng = np.random.default_rng(5)
    coarse = rng.integers(0, 256, (24, 4, 4, 3)).repeat(SIZE // 4, axis=1).repeat(SIZE // 4, axis=2)
    return coarse.astype(np.float32)


@pytest.fixture(scope="module")
def truth(network: keras.Model, pixels: np.ndarray) -> np.ndarray:
    """The network's own opinion: it errs nowhere, so every error below is the attack's."""
    opinion = np.asarray(network(pixels))[:, 1]
    return opinion >= threshold_of(opinion)


@pytest.fixture(scope="module")
def threshold(network: keras.Model, pixels: np.ndarray) -> float:
    return threshold_of(np.asarray(network(pixels))[:, 1])


@pytest.fixture(scope="module")
def attacked(network: keras.Model, pixels: np.ndarray, truth: np.ndarray, threshold: float) -> Adversarial:
    return attack(network, pixels, truth, 1, threshold, LIMITS)


def threshold_of(opinion: np.ndarray) -> float:
    return float(np.sort(opinion)[-2:-14:-1].mean())


def linear(seed: int = 0) -> tuple[keras.Model, np.ndarray]:
    """A network whose log-odds are a weighted sum of the values, and the weights [side, side, 3]."""
    given = keras.Input((SIDE, SIDE, 3))
    model = keras.Model(given, keras.layers.Dense(2, "softmax", name=HEAD)(keras.layers.Flatten()(given)))
    weights = np.random.default_rng(seed).normal(0, 0.01, (SIDE, SIDE, 3)).astype(np.float32)
    kernel = np.stack([-weights.ravel() / 2, weights.ravel() / 2], axis=1)
    model.get_layer(HEAD).set_weights([kernel, np.zeros(2)])
    return model, weights


def rates(attacked: Adversarial, name: str) -> list[Strike]:
    return [strike for strike in attacked.strikes if strike.attack == name]


def test_untouched_pictures_are_judged_as_the_network_judges_them(attacked: Adversarial, truth: np.ndarray) -> None:
    (untouched,) = rates(attacked, "none")

    assert (untouched.recall, untouched.false_positive_rate) == (1.0, 0.0)
    assert (attacked.positives, attacked.normals) == (truth.sum(), (~truth).sum())


def test_an_eps_of_nothing_changes_nothing(attacked: Adversarial) -> None:
    nothing = [strike for strike in attacked.strikes if strike.eps == 0 and strike.attack != "none"]

    assert [strike.attack for strike in nothing] == ["noise", "fgsm", "pgd"]
    assert all((strike.recall, strike.false_positive_rate) == (1.0, 0.0) for strike in nothing)


def test_pgd_beats_fgsm_which_beats_noise_in_both_directions(attacked: Adversarial) -> None:
    steps = zip(rates(attacked, "noise"), rates(attacked, "fgsm"), rates(attacked, "pgd"), strict=True)

    for chance, fast, iterated in steps:
        assert iterated.recall <= fast.recall <= chance.recall
        assert iterated.false_positive_rate >= fast.false_positive_rate >= chance.false_positive_rate
    assert rates(attacked, "pgd")[-1].recall < rates(attacked, "noise")[-1].recall
    assert rates(attacked, "pgd")[-1].false_positive_rate > rates(attacked, "noise")[-1].false_positive_rate


def test_a_larger_ball_never_saves_a_picture_from_pgd(attacked: Adversarial) -> None:
    iterated = rates(attacked, "pgd")

    assert [strike.recall for strike in iterated] == sorted((s.recall for s in iterated), reverse=True)
    assert [s.false_positive_rate for s in iterated] == sorted(s.false_positive_rate for s in iterated)


def test_every_attack_stays_in_its_ball_and_in_what_a_pixel_can_be(
    network: keras.Model, pixels: np.ndarray, truth: np.ndarray, threshold: float
) -> None:
    target = Target(network, 1, threshold)
    rng = np.random.default_rng(0)
    # Some values lie at the ends of the scale, where the ball reaches beyond it.
    clean = np.where(pixels < 100, 0, pixels).astype(np.float32)

    _, slopes = target.look(clean)
    moved = [noise(clean, 3, rng), fgsm(clean, slopes, truth, 3), pgd(target, clean, truth, 3, 5, rng)]

    for pictures in moved:
        assert 0 < np.abs(pictures - clean).max() <= 3
        assert pictures.min() >= 0
        assert pictures.max() <= 255


def test_on_a_linear_network_fgsm_moves_the_log_odds_as_far_as_its_ball_allows() -> None:
    model, weights = linear()
    pictures = np.full((2, SIDE, SIDE, 3), 128, np.float32)
    truth = np.array([True, False])
    _, slopes = Target(model, 1, 0.5).look(pictures)

    moved = fgsm(pictures, slopes, truth, 4)

    change = ((moved - pictures) * weights).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(change, [-4 * np.abs(weights).sum(), 4 * np.abs(weights).sum()], rtol=1e-5)


def test_a_network_that_is_too_sure_for_float32_is_still_attacked() -> None:
    model, weights = linear()
    # Log-odds near 40: the softmax is exactly 1, and its own slope exactly 0.
    model.get_layer(HEAD).set_weights([model.get_layer(HEAD).get_weights()[0], np.array([-20, 20])])
    pictures = np.full((1, SIDE, SIDE, 3), 128, np.float32)
    covered, slopes = Target(model, 1, 0.5).look(pictures)

    assert covered.all()
    np.testing.assert_allclose(slopes[0], weights, rtol=1e-5)


@pytest.mark.parametrize(
    ("head", "classes"),
    [(HeadConfig(), 2), (HeadConfig(), 3), (HeadConfig(hidden=(4,), dropout=(0.3, 0.3), output="sigmoid"), 2)],
)
def test_the_slope_is_that_of_the_log_odds_whatever_the_head(head: HeadConfig, classes: int) -> None:
    given = keras.Input((SIDE, SIDE, 3))
    pooled = keras.layers.GlobalAveragePooling2D(name="embedding")(keras.layers.Rescaling(1 / 127.5)(given))
    model = keras.Model(given, attach_head(pooled, classes, 0, head))
    pictures = np.random.default_rng(0).uniform(50, 200, (2, SIDE, SIDE, 3)).astype(np.float32)

    _, slopes = Target(model, 0, 0.5).look(pictures)

    def odds(pixels: np.ndarray) -> np.ndarray:
        probability = np.asarray(model(pixels)).astype(np.float64)
        return np.log(probability[:, 0] / (1 - probability[:, 0]))

    # All values of a picture a step of 1 to either side: the odds change by the sum of the slopes.
    change = (odds(pictures + 1) - odds(pictures - 1)) / 2
    np.testing.assert_allclose(slopes.sum(axis=(1, 2, 3)), change, rtol=0.02, atol=1e-5)


def test_on_a_linear_network_the_pixel_budget_is_the_smallest_that_there_is() -> None:
    model, weights = linear()
    picture = np.full((1, SIDE, SIDE, 3), 128, np.float32)
    odds = float((picture * weights).sum())
    truth = np.array([odds >= 0])
    push = -weights if truth[0] else weights
    gains = np.sort((push * (np.where(push > 0, 255, 0) - 128)).sum(axis=2).ravel())[::-1]
    least = int(np.argmax(np.cumsum(gains) > abs(odds))) + 1

    spent = spend(Target(model, 1, 0.5), picture, truth, 1.0, track)

    assert least <= spent.counts[0] <= np.ceil(least * 1.25)


def test_the_pixels_that_are_counted_are_the_ones_that_changed_and_they_do_flip(
    network: keras.Model, pixels: np.ndarray, truth: np.ndarray, threshold: float
) -> None:
    target = Target(network, 1, threshold)

    spent = spend(target, pixels, truth, 0.5, track)

    changed = (spent.pixels != pixels).any(axis=3).sum(axis=(1, 2))
    flipped = np.isfinite(spent.counts)
    assert flipped.any()
    np.testing.assert_array_equal(target.covers(spent.pixels) != truth, flipped)
    assert (changed <= np.minimum(spent.counts, spent.cap)).all()
    assert set(np.unique(spent.pixels[spent.pixels != pixels])) <= {0.0, 255.0}


def test_what_was_wrong_before_has_no_pixel_budget(
    network: keras.Model, pixels: np.ndarray, truth: np.ndarray, threshold: float
) -> None:
    mislabelled = truth.copy()
    mislabelled[np.flatnonzero(truth)[0]] = False

    found = attack(network, pixels, mislabelled, 1, threshold, Limits(eps=(), cap=0.01))

    assert (found.hiding.pictures, found.framing.pictures) == (mislabelled.sum(), (~mislabelled).sum() - 1)


def test_quartiles_above_the_cap_are_undefined_and_below_it_shares_of_the_pixels(attacked: Adversarial) -> None:
    budgets = attacked.as_json()["pixel_budget"]

    for budget in budgets.values():
        found = [budget[name] for name in ("lower_quartile", "median", "upper_quartile")]
        known = [share for share in found if share is not None]
        assert known == sorted(known)
        assert all(0 < share <= budget["cap"] for share in known)
        assert (budget["upper_quartile"] is None) == (budget["flipped"] < 0.75 * budget["pictures"])


def test_one_seed_gives_one_result(
    network: keras.Model, pixels: np.ndarray, truth: np.ndarray, threshold: float, attacked: Adversarial
) -> None:
    assert attack(network, pixels, truth, 1, threshold, LIMITS) == attacked


def test_a_network_read_back_from_its_file_is_attacked_alike(
    network: keras.Model, pixels: np.ndarray, threshold: float, tmp_path: Path
) -> None:
    network.save(tmp_path / "model.keras")
    read = keras.models.load_model(tmp_path / "model.keras")

    np.testing.assert_allclose(
        Target(read, 1, threshold).look(pixels)[1],
        Target(network, 1, threshold).look(pixels)[1],
        rtol=1e-4,
        atol=1e-7,
    )


def test_a_class_without_pictures_has_no_rate(network: keras.Model, pixels: np.ndarray) -> None:
    found = attack(network, pixels[:2], np.array([False, False]), 1, 0.5, Limits(eps=(1.0,), steps=2, cap=0.01))

    assert found.hiding.median is None
    assert {strike.recall for strike in found.strikes} == {None}
    assert found.as_json()["positives"] == 0


def test_pixels_on_another_scale_and_networks_without_the_head_are_refused(network: keras.Model) -> None:
    with pytest.raises(ValueError, match=r"0\.\.255"):
        attack(network, np.full((1, SIZE, SIZE, 3), -1, np.float32), np.array([True]), 1, 0.5)
    with pytest.raises(ValueError, match="probabilities"):
        Target(keras.Model(network.input, network.get_layer("embedding").output), 1, 0.5)


def test_the_sample_is_half_positive_where_it_can_be_and_follows_the_seed() -> None:
    positives = np.arange(1000) < 300

    assert positives[sample(positives, 0, 200)].sum() == 100
    few = np.arange(1000) < 30
    assert (few[sample(few, 0, 200)].sum(), len(sample(few, 0, 200))) == (30, 200)
    assert len(sample(np.arange(50) < 30, 0, 200)) == 50
    np.testing.assert_array_equal(sample(positives, 7), sample(positives, 7))
    assert (sample(positives, 7) != sample(positives, 8)).any()
