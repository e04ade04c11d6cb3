"""Every picture is judged by a model that saw neither it nor its near-duplicates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import InputError
from training.evaluation.evaluate import measure
from training.evaluation.out_of_fold import assign_folds, out_of_fold_probabilities


def two_clouds(n=200, dimensions=8, seed=0):
    """Embeddings of two overlapping classes, a third positive, each picture a group of its own."""
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % 3 == 0
    return rng.normal(truth[:, None] * 1.5, 1, (n, dimensions)).astype(np.float32), truth, np.arange(n)


@st.composite
def grouped_labels(draw):
    """Up to 40 pictures in few groups, both classes in at least two groups each."""
    pairs = draw(st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=4, max_size=40))
    truth = np.array([positive for positive, _ in pairs])
    groups = np.array([group for _, group in pairs])
    for positive in (True, False):
        if len(set(groups[truth == positive])) < 2:
            truth = np.append(truth, [positive, positive])
            groups = np.append(groups, [100 + positive, 200 + positive])
    return truth, np.unique(groups, return_inverse=True)[1]


@given(grouped_labels(), st.integers(2, 6), st.integers(0, 3))
def test_groups_stay_whole_and_every_fold_leaves_both_classes_to_learn_from(pictures, folds, seed):
    truth, groups = pictures

    fold_of = assign_folds(truth, groups, folds, seed)

    assert all(len(set(fold_of[groups == group])) == 1 for group in groups)
    assert 2 <= len(set(fold_of)) <= folds
    for fold in set(fold_of):
        left = truth[fold_of != fold]
        assert left.any()
        assert not left.all()


def test_the_judge_finds_the_classes_without_having_seen_the_pictures():
    embeddings, truth, groups = two_clouds()

    probabilities = out_of_fold_probabilities(embeddings, truth, groups)

    assert probabilities.dtype == np.float32
    assert measure(truth, probabilities, 0.5).auc > 0.95


def test_wrong_labels_stand_out():
    embeddings, truth, groups = two_clouds()
    wrong = np.arange(0, 200, 20)
    given_labels = truth.copy()
    given_labels[wrong] ^= True

    probabilities = out_of_fold_probabilities(embeddings, given_labels, groups)

    doubt = np.abs(given_labels - probabilities)
    assert len(set(np.argsort(-doubt)[:15]) & set(wrong)) >= 8


def test_a_groups_own_label_teaches_nothing_about_the_group():
    # Each group is one picture many times over, and labels are noise: a leak would make the judge look clever.
    rng = np.random.default_rng(4)
    embeddings = np.repeat(rng.normal(size=(40, 16)), 10, axis=0).astype(np.float32)
    truth = np.repeat(rng.random(40) < 0.5, 10)
    groups = np.repeat([f"photo {number}" for number in range(40)], 10)

    leak_free = out_of_fold_probabilities(embeddings, truth, groups)
    leaking = out_of_fold_probabilities(embeddings, truth, np.arange(400))

    assert measure(truth, leak_free, 0.5).auc < 0.7
    assert measure(truth, leaking, 0.5).auc > 0.8


def test_one_seed_gives_one_answer():
    embeddings, truth, groups = two_clouds(60)

    first = out_of_fold_probabilities(embeddings, truth, groups, seed=7)

    assert np.array_equal(first, out_of_fold_probabilities(embeddings, truth, groups, seed=7))


def test_few_positives_make_fewer_folds_not_a_failure():
    embeddings, truth, groups = two_clouds(30)
    truth = np.arange(30) < 2

    probabilities = out_of_fold_probabilities(embeddings, truth, groups, folds=5)

    assert np.isfinite(probabilities).all()
    assert len(set(assign_folds(truth, groups, 5, 0))) == 2


@pytest.mark.parametrize("positives", [0, 1, 29, 30])
def test_a_class_of_fewer_than_two_groups_is_refused_in_words(positives):
    embeddings, _, groups = two_clouds(30)

    with pytest.raises(InputError, match="two different subjects"):
        out_of_fold_probabilities(embeddings, np.arange(30) < positives, groups)
