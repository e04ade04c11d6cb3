"""A student learns what its teachers say, and their answers survive a kill."""

from dataclasses import replace

import numpy as np
import pytest

from store.config import AugmentConfig, DistillConfig, HeadConfig, TeacherConfig, TrainConfig
from store.progress import track
from training.fitting.distill import Teacher, teach
from training.fitting.fine_tune import fine_tune
from training.fitting.lessons import Lessons, Pictures, Pixels
from training.fitting.losses import distillation, step_of
from training.job import recipe_of_teacher

RECIPE = TrainConfig(batch_size=8, positive_share=0.5, augment=AugmentConfig(min_area=0.8))


@pytest.fixture
def lessons():
    rng = np.random.default_rng(0)
    labels = np.arange(32) % 2
    pixels = (rng.integers(0, 120, (32, 8, 8, 3)) + 100 * labels[:, None, None, None]).astype(np.uint8)
    return Lessons(Pictures(pixels, np.arange(32), labels, positive=1), None, None, RECIPE)


@pytest.fixture
def network():
    """How bright a picture is, columns at its sides left out, as a probability: sure of nothing, and right."""
    import keras

    def made(slope=1.0, without=(0, 0)):
        pixels = keras.Input((8, 8, 3))
        mean = keras.layers.GlobalAveragePooling2D()(keras.layers.Cropping2D(((0, 0), without))(pixels))
        brightness = keras.layers.Rescaling(0.02, offset=-2)(mean)
        embedding = keras.layers.Identity(name="embedding")(brightness)
        answer = keras.layers.Dense(2, activation="softmax", name="probabilities")(embedding)
        model = keras.Model(pixels, answer)
        kernel = np.zeros((3, 2), np.float32)
        kernel[0] = [-slope, slope]
        model.get_layer("probabilities").set_weights([kernel, np.zeros(2, np.float32)])
        return model

    return made


def test_answers_are_the_teachers_mean_log_probabilities_of_the_very_views(lessons, network, tmp_path):
    first, second = network(1.0), network(0.2)

    taught = teach([Teacher(first, lessons), Teacher(second, lessons)], 2, tmp_path, track)

    for view in range(2):
        for batch, answers in zip(lessons.epoch(view), taught.said(view).answers, strict=True):
            expected = (np.log(first(batch.view)) + np.log(second(batch.view))) / 2
            assert np.allclose(answers, expected, atol=1e-4)


def test_a_mirrored_answer_is_the_same_for_a_picture_and_its_mirror_image(lessons, tmp_path):
    import keras
    import tensorflow as tf

    pixels = keras.Input((8, 8, 3))
    flat = keras.layers.Flatten(name="embedding")(pixels)
    one_sided = keras.Model(pixels, keras.layers.Dense(2, "softmax")(flat))
    one_sided.layers[-1].set_weights([np.random.default_rng(0).normal(0, 1e-3, (192, 2)), np.zeros(2)])
    batch = next(lessons.epoch(0))
    looks = [np.log(one_sided(pixels)) for pixels in (batch.view, tf.reverse(batch.view, [2]))]

    taught = teach([Teacher(one_sided, lessons)], 1, tmp_path, track, mirror=True)

    assert not np.allclose(looks[0], looks[1], atol=1e-2)
    assert np.allclose(taught.said(0).answers[0], np.mean(looks, axis=0), atol=1e-4)


def test_answers_that_are_there_are_not_asked_for_again(lessons, network, tmp_path):
    teach([Teacher(network(), lessons)], 2, tmp_path, track)
    (tmp_path / "answers-001.npz").unlink()
    kept = (tmp_path / "answers-000.npz").stat().st_mtime_ns

    taught = teach([Teacher(network(), lessons)], 2, tmp_path, track)

    assert (tmp_path / "answers-000.npz").stat().st_mtime_ns == kept
    assert taught.said(1).answers.shape == (4, 8, 2)


def test_the_likeliest_without_a_label_are_found_once_and_shown_to_teachers_and_student(lessons, network, tmp_path):
    greys = np.random.default_rng(1).permutation(np.arange(40, 240, 10)).astype(np.uint8)
    silent = Pixels(np.broadcast_to(greys[:, None, None, None], (20, 8, 8, 3)), np.arange(20))
    distill = DistillConfig(teachers=[TeacherConfig(backbone="tiny")], unlabelled=2, likely=0.5)
    asking = replace(lessons, unlabelled=silent, recipe=RECIPE.model_copy(update={"distill": distill}))

    taught = teach([Teacher(network(), asking)], 1, tmp_path, track)
    again = teach([Teacher(network(-1.0), asking)], 1, tmp_path, track)

    # The network thinks bright what is likely; a tenth of twenty.
    assert sorted(greys[taught.likely]) == [220, 230]
    assert np.array_equal(again.likely, taught.likely)
    shown = replace(asking, likely=taught.likely).epoch(0)
    for batch, answers in zip(shown, taught.said(0).answers, strict=True):
        assert np.allclose(answers, np.log(network()(batch.view)), atol=1e-4)


def test_a_student_that_says_what_its_teacher_says_has_no_loss_but_the_labels():
    answers = np.log([[0.9, 0.1], [0.3, 0.7]]).astype(np.float32)
    same, other = np.exp(answers), np.array([[0.5, 0.5], [0.5, 0.5]], np.float32)
    labels = np.array([0, 1])

    taught = distillation(weight=1.0, temperature=2.0)

    assert float(taught(labels, same, answers, None)) == pytest.approx(0, abs=1e-6)
    assert float(taught(labels, other, answers, None)) > 0.1
    # Without the teachers' weight it is the cross-entropy of the labels.
    assert float(distillation(0.0, 2.0)(labels, same, answers, None)) == pytest.approx(
        -np.log([0.9, 0.7]).mean(), abs=1e-5
    )


def test_of_three_classes_a_student_hears_of_every_one_at_the_temperature_and_keeps_its_label():
    answers = np.log([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]).astype(np.float32)
    # Right of the first class alone: what it takes from the second it gives to the third.
    student = np.array([[0.7, 0.1, 0.2], [0.1, 0.6, 0.3]], np.float32)
    labels, loss = np.array([0]), distillation(0.8, 2.0)

    found, same = (float(loss(labels, said, answers, None)) for said in (student, np.exp(answers)))

    taught, learnt = (powers / powers.sum(axis=1, keepdims=True) for powers in (np.exp(answers / 2), student**0.5))
    divergence = (taught * np.log(taught / learnt)).sum(axis=1).mean()
    assert found == pytest.approx(0.8 * 2**2 * divergence - 0.2 * np.log(0.7), abs=1e-5)
    assert same == pytest.approx(-0.2 * np.log(0.7), abs=1e-5)
    # A teacher with another constant in its logits says the same.
    with_logits = distillation(1.0, 1.0, logits=0.1)
    plain, shifted = (float(with_logits(labels, student, said, None)) for said in (answers, answers + 5))
    assert shifted == pytest.approx(plain, rel=1e-4)


def test_logits_tell_teachers_apart_that_are_both_all_but_sure():
    sure, surer = (np.log([[1 - p, p]]).astype(np.float32) for p in (1e-4, 1e-6))
    student, labels = np.exp(sure), np.array([0])

    hardly, clearly = (distillation(1.0, 1.0, logits=logits) for logits in (0.0, 0.1))

    assert float(hardly(labels, student, surer, None)) < 1e-3
    # Of each of the two logits half the distance of ln 100.
    assert float(clearly(labels, student, surer, None)) == pytest.approx(0.1 * np.log(100) ** 2 / 2, rel=0.01)
    assert float(clearly(labels, student, sure, None)) == pytest.approx(0, abs=1e-6)


def test_a_student_comes_closer_to_its_teacher_than_labels_would_bring_it(lessons, network, tmp_path):
    import keras

    teacher = network(0.3)
    taught = teach([Teacher(teacher, lessons)], 1, tmp_path, track)

    def distance_after_learning(weight):
        student = network(0.0)
        student.compile(keras.optimizers.Adam(1e-2))
        step = step_of(student, student.get_layer("probabilities"), 1.0, distillation(weight, 2.0))
        for _ in range(40):
            for batch, answers in zip(lessons.epoch(0), taught.said(0).answers, strict=True):
                step(batch.view, batch.labels, answers, answers)
        return np.abs(np.asarray(student(batch.view)) - np.asarray(teacher(batch.view))).mean()

    assert distance_after_learning(1.0) < 0.5 * distance_after_learning(0.0)


def test_a_head_may_learn_faster_than_the_rest(lessons, network):
    import keras

    moved = []
    for factor in (1.0, 5.0):
        model = network(0.0)
        model.compile(keras.optimizers.SGD(1e-3))
        head = model.get_layer("probabilities")
        before = head.get_weights()[0]
        batch = next(lessons.epoch(0))
        step_of(model, head, factor)(batch.view, batch.labels)
        moved.append(head.get_weights()[0] - before)

    assert np.abs(moved[0]).max() > 0
    assert np.allclose(moved[1], 5 * moved[0], rtol=1e-3)


def test_a_student_begins_with_what_its_own_eyes_say_of_its_teachers(lessons, network, tmp_path):
    import keras

    teacher = network(1.0)
    taught = teach([Teacher(teacher, lessons)], 1, tmp_path / "answers", track)
    recipe = RECIPE.model_copy(
        update={"fine_tune_epochs": 0, "distill": RECIPE.distill.model_copy(update={"features": 1.0})}
    )
    untaught = Lessons(lessons.train, None, None, recipe)

    fine_tune(network(0.0), untaught, lessons.train, tmp_path, taught=taught, progress=track, tell=lambda *_: None)

    begun = keras.models.load_model(tmp_path / "epoch-000.keras")
    seen = np.concatenate([begun(batch.view)[1] for batch in lessons.epoch(0)])
    # It looks at the mean colours as its teacher does, so a linear layer can tell them; a random one misses by 1.
    assert np.square(seen - np.concatenate(taught.said(0).features)).mean() < 0.2
    # And it answers as its teacher does, whose slope is 1, not as it did itself, whose was 0.
    answers = np.concatenate([begun(batch.view)[0] for batch in lessons.epoch(0)])[:, 1]
    said = np.exp(np.concatenate(taught.said(0).answers))[:, 1]
    assert np.corrcoef(answers, said)[0, 1] > 0.95
    assert answers.std() > 0.5 * said.std()


def test_a_student_begins_with_what_is_said_of_all_its_views(lessons, network, tmp_path):
    import keras

    taught = teach([Teacher(network(1.0), lessons)], 2, tmp_path / "answers", track)
    first, second = (taught.said(view) for view in (0, 1))
    contrary = replace(second, answers=second.answers[..., ::-1])
    torn = replace(taught, said=[first, contrary].__getitem__)
    untaught = Lessons(lessons.train, None, None, RECIPE.model_copy(update={"fine_tune_epochs": 0}))

    fine_tune(network(0.0), untaught, lessons.train, tmp_path, taught=torn, progress=track, tell=lambda *_: None)

    begun = keras.models.load_model(tmp_path / "epoch-000.keras")
    answers = np.concatenate([begun(batch.view) for batch in lessons.epoch(0)])[:, 1]
    assert answers.std() < 0.2 * np.exp(np.concatenate(first.answers))[:, 1].std()


def test_a_network_may_keep_a_share_of_what_it_began_with(lessons, network, tmp_path):
    import keras

    recipe = RECIPE.model_copy(
        update={"fine_tune_epochs": 2, "fine_tune_learning_rate": 1e-2, "decay": "cosine", "start_share": 0.25}
    )
    shown = Lessons(lessons.train, None, None, recipe)

    def fitted():
        return fine_tune(
            network(0.0), shown, lessons.train, tmp_path, taught=None, progress=track, tell=lambda *_: None
        )

    def flat(model):
        return np.concatenate([weight.ravel() for weight in model.get_weights()])

    mixed = flat(fitted())
    began, ended = (flat(keras.models.load_model(tmp_path / name)) for name in ("start.keras", "best.keras"))
    assert np.abs(ended - began).max() > 1e-3
    assert np.allclose(mixed, 0.25 * began + 0.75 * ended, atol=1e-7)
    # A second time it finds everything made.
    assert np.array_equal(mixed, flat(fitted()))


# A head with a hidden layer is not fitted to teachers first, and this rate moves nothing.
STILL = {
    "head": HeadConfig(hidden=(4,), dropout=(0.0, 0.0)),
    "fine_tune_learning_rate": 1e-20,
    "decay": "cosine",
}


def losses(model, shown, taught, folder):
    """Return the mean loss of every epoch."""
    told = []
    fine_tune(
        model,
        shown,
        shown.train,
        folder,
        taught=taught,
        progress=track,
        tell=lambda _stage, _epoch, numbers: told.append(numbers["loss"]),
    )
    return told


@pytest.mark.parametrize("flip", [True, False])
def test_every_second_lap_of_the_views_is_seen_in_a_mirror(flip, lessons, network, tmp_path):
    augment = RECIPE.augment.model_copy(update={"flip": flip})
    recipe = RECIPE.model_copy(update={"fine_tune_epochs": 3, "augment": augment} | STILL)
    shown = Lessons(lessons.train, None, None, recipe)
    taught = teach([Teacher(network(1.0), shown)], 1, tmp_path / "answers", track)

    left, right = (
        losses(network(1.0, without), shown, taught, tmp_path / side)
        for side, without in (("left", (0, 4)), ("right", (4, 0)))
    )

    assert abs(left[0] - right[0]) > 1e-3
    assert left == pytest.approx([left[0], right[0] if flip else left[0], left[0]], rel=1e-5)
    assert right == pytest.approx([right[0], left[0] if flip else right[0], right[0]], rel=1e-5)


def test_a_student_sees_spoilt_what_its_teachers_saw_whole_in_each_lap_anew(lessons, network, tmp_path):
    whole = RECIPE.augment.model_copy(update={"flip": False})
    recipe = RECIPE.model_copy(update={"fine_tune_epochs": 2, "augment": whole} | STILL)
    taught = teach([Teacher(network(1.0), Lessons(lessons.train, None, None, recipe))], 1, tmp_path, track)

    def lost(spoil):
        distill = DistillConfig(weight=1.0, temperature=1.0, spoil=spoil)
        shown = Lessons(lessons.train, None, None, recipe.model_copy(update={"distill": distill}))
        return losses(network(1.0), shown, taught, tmp_path / str(spoil))

    same, spoilt = lost(0.0), lost(0.5)

    # It is its own teacher, and agrees with itself on what both see.
    assert same == pytest.approx([0, 0], abs=1e-5)
    assert min(spoilt) > 0.01
    assert abs(spoilt[0] - spoilt[1]) > 1e-4


def test_a_teacher_is_the_same_whatever_its_student_keeps_of_its_start():
    teacher = TeacherConfig(backbone="mobilenet_v1")
    keeping = RECIPE.model_copy(update={"start_share": 0.5})

    assert recipe_of_teacher(keeping, teacher) == recipe_of_teacher(RECIPE, teacher)


def test_a_student_comes_to_see_what_its_teachers_see(lessons, network, tmp_path):
    import keras

    from training.networks.heads import with_mimic, without_mimic

    taught = teach([Teacher(network(1.0), lessons), Teacher(network(0.3), lessons)], 1, tmp_path, track)
    width = taught.said(0).features.shape[-1]
    student = with_mimic(network(0.0), np.zeros((3, width)), np.zeros(width))
    student.compile(keras.optimizers.Adam(3e-2))
    step = step_of(student, student.get_layer("probabilities"), 1.0, distillation(0.5, 2.0, features=1.0))

    def difference():
        batch, said = next(lessons.epoch(0)), taught.said(0)
        return np.square(np.asarray(student(batch.view)[1]) - said.features[0]).mean()

    before = difference()
    for _ in range(40):
        said = taught.said(0)
        for batch in lessons.epoch(0):
            step(batch.view, batch.labels, said.answers[batch.step], said.features[batch.step])

    assert width == 6
    # Standardised: no feature is louder than another.
    assert np.allclose(taught.said(0).features.std(axis=(0, 1)), 1, atol=0.02)
    assert difference() < 0.2 * before
    assert without_mimic(student).output_shape == (None, 2)


def test_a_picture_without_a_label_counts_by_its_teachers_alone():
    answers = np.log([[0.9, 0.1], [0.3, 0.7]]).astype(np.float32)
    student = np.array([[0.8, 0.2], [0.5, 0.5]], np.float32)
    by_label, by_teachers = distillation(0.0, 2.0), distillation(1.0, 2.0)

    alone = float(by_label(np.array([0]), student[:1], answers[:1], None))
    assert float(by_label(np.array([0]), student, answers, None)) == pytest.approx(alone)
    assert float(by_teachers(np.array([0]), student, answers, None)) == float(
        by_teachers(np.array([0, 1]), student, answers, None)
    )
