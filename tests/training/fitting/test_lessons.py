"""What a network is shown: the same views at every size, and nothing that the seed does not decide."""

from dataclasses import replace

import numpy as np
import pytest

from store.config import AugmentConfig, DistillConfig, SyntheticConfig, TeacherConfig, TrainConfig
from training.fitting.lessons import Lessons, Pictures, Pixels

RECIPE = TrainConfig(
    batch_size=8,
    positive_share=0.5,
    augment=AugmentConfig(min_area=0.6),
    synthetic=SyntheticConfig(composites=8, share=0.5),
)


def pictures(labels, size, offset=0):
    """Pictures whose grey says which one they are."""
    greys = (np.arange(len(labels)) * 4 + offset).astype(np.uint8)
    pixels = np.broadcast_to(greys[:, None, None, None], (len(labels), size, size, 3))
    return Pictures(pixels, np.arange(len(labels)), np.array(labels), positive=1)


def lessons(size=16, recipe=RECIPE):
    return Lessons(pictures([0, 0, 0, 1] * 8, size), pictures([1, 0] * 4, size, offset=200), None, recipe)


def plain(recipe=RECIPE):
    """The recipe without any augmentation: what is shown is what lies in the caches."""
    off = dict.fromkeys(("brightness", "contrast", "saturation", "channel_shift", "monochrome", "resize_filter"), 0)
    augment = AugmentConfig(flip=False, turn=False, min_area=1, aspect=1, **off)
    return recipe.model_copy(update={"augment": augment})


def test_a_view_comes_with_its_own_label():
    for batch in lessons(recipe=plain()).epoch(0):
        greys = np.asarray(batch.view)[:, 8, 8, 0].round().astype(int)

        for grey, label in zip(greys, batch.labels, strict=True):
            number = (grey - 200) // 4 if grey >= 200 else grey // 4
            expected = (number + 1) % 2 if grey >= 200 else int(number % 4 == 3)
            assert label == expected


def test_composites_fill_their_share():
    batch = next(lessons(recipe=plain()).epoch(0))

    assert (np.asarray(batch.view)[:, 8, 8, 0] >= 200).sum() == 4


def test_teacher_and_student_are_shown_the_same_batches_at_their_own_sizes():
    small, large = list(lessons(16).epoch(3)), list(lessons(32).epoch(3))

    assert len(small) == len(large) == 4
    for one, other in zip(small, large, strict=True):
        assert np.array_equal(one.labels, other.labels)
        assert one.view.shape[1:3] == (16, 16)
        # Pictures of one grey stay of one grey: only their colours can tell the views apart.
        assert np.allclose(one.view[:, 0, 0], other.view[:, 0, 0], atol=1.0)


@pytest.mark.parametrize("epoch", [0, 2])
def test_an_epoch_repeats_itself(epoch):
    first, again = (list(lessons().epoch(epoch)) for _ in range(2))

    assert all(np.array_equal(a.view, b.view) for a, b in zip(first, again, strict=True))


def test_two_epochs_differ():
    first, second = (next(lessons().epoch(epoch)) for epoch in (0, 1))

    assert not np.array_equal(first.view, second.view)


def test_without_composites_the_numbering_is_the_training_pictures_alone():
    alone = Lessons(pictures([0, 0, 0, 1] * 8, 16), None, None, RECIPE)

    assert len(alone.labels) == 32
    assert all(batch.max() < 32 for batch in alone.head_batches(0))


def with_unlabelled(size, unlabelled=0, mixtures=0, likely=0.0):
    """Lessons beside 12 pictures without a label, whose greys are 100 to 111."""
    teachers = [TeacherConfig(backbone="tiny")]
    distill = DistillConfig(teachers=teachers, unlabelled=unlabelled, mixtures=mixtures, likely=likely)
    recipe = plain(RECIPE.model_copy(update={"distill": distill}))
    greys = np.arange(100, 112, dtype=np.uint8)[:, None, None, None]
    silent = Pixels(np.broadcast_to(greys, (12, size, size, 3)), np.arange(12))
    return Lessons(pictures([0, 0, 0, 1] * 8, size), None, silent, recipe)


def greys_of(batch):
    return np.asarray(batch.view)[:, 8, 8, 0]


def test_pictures_without_a_label_follow_the_labelled_ones_each_as_often_as_the_others():
    shown = [greys_of(batch)[8:].round() for batch in with_unlabelled(16, unlabelled=6).epoch(1)]

    assert [len(batch.labels) for batch in with_unlabelled(16, unlabelled=6).epoch(1)] == [8] * 4
    assert sorted(np.concatenate(shown)) == sorted([*range(100, 112)] * 2)


def test_a_share_of_those_without_a_label_are_the_likeliest_ones():
    asks = with_unlabelled(16, unlabelled=4, likely=0.5)
    knows = replace(asks, likely=np.array([2, 7]))

    for batch, plain_one in zip(knows.epoch(1), asks.epoch(1), strict=True):
        silent = greys_of(batch)[8:].round()

        assert len(silent) == len(greys_of(plain_one)[8:]) == 4
        # Every stratum is walked through: two of the likely ones are both of them, whatever the rest may bring.
        assert {102, 107} <= set(silent)


def test_there_are_no_more_of_them_in_a_batch_than_there_are():
    assert greys_of(next(with_unlabelled(16, unlabelled=100).epoch(0))).shape == (8 + 12,)


def test_a_mixture_lies_between_two_pictures_of_its_batch():
    for batch in with_unlabelled(16, unlabelled=2, mixtures=5).epoch(0):
        greys = greys_of(batch)
        whole, mixed = greys[:10], greys[10:]

        assert len(mixed) == 5
        assert np.all((whole.min() < mixed + 0.01) & (mixed - 0.01 < whole.max()))
        assert not np.isin(mixed, whole).all()


def test_what_has_no_label_is_the_same_at_every_size_too():
    small, large = (list(with_unlabelled(size, 4, 3).epoch(2)) for size in (16, 32))

    for one, other in zip(small, large, strict=True):
        assert np.allclose(greys_of(one), greys_of(other), atol=1.0)
