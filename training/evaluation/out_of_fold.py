"""Probabilities for pictures that the judge has not been taught: the ground for suspecting a label.

A network that was trained on a wrong label agrees with it. So each picture is judged by a logistic regression on
the network's embeddings that saw neither it nor its near-duplicates (cleanlab's recipe: Northcutt et al., 2021,
arXiv:1911.00068).
"""

import numpy as np
from numpy.typing import NDArray

from store.errors import InputError
from training.evaluation.curves import Flags
from training.evaluation.intervals import Groups, group_numbers
from training.fitting.linear import fit_linear


def out_of_fold_probabilities(
    embeddings: NDArray[np.float32], positives: Flags, groups: Groups, folds: int = 5, seed: int = 0
) -> NDArray[np.float32]:
    """Return float32[n], each picture's probability of being positive, judged without its group.

    ``embeddings`` is float32[n, d], ``positives`` bool[n], ``groups`` n names of near-duplicate groups. There are
    fewer folds where a class has fewer groups. InputError when a class has fewer than two groups.
    """
    truth = np.asarray(positives).astype(np.bool_)
    number = group_numbers(groups, len(truth))
    if folds < 2:
        raise ValueError("out of fold needs at least two folds")
    if len(embeddings) != len(truth):
        raise ValueError(f"{len(embeddings)} embeddings for {len(truth)} labels")
    fold_of = assign_folds(truth, number, folds, seed)
    probabilities = np.empty(len(truth), np.float32)
    for fold in np.unique(fold_of):
        held_out = fold_of == fold
        # Unweighted: the suspects are read off as probabilities, and weighting would shift them.
        judge = fit_linear(embeddings[~held_out], truth[~held_out])
        probabilities[held_out] = judge.predict_proba(embeddings[held_out])[:, 1]
    return probabilities


def assign_folds(truth: Flags, number: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """Return int64[n], each picture's fold: groups stay whole, and every fold leaves both classes to learn from.

    sklearn's StratifiedGroupKFold balances well but promises the second only by luck when groups are few.
    """
    count = int(number.max(initial=-1)) + 1
    positive_count = np.bincount(number[truth], minlength=count)
    negative_count = np.bincount(number[~truth], minlength=count)
    fewest = min(int((positive_count > 0).sum()), int((negative_count > 0).sum()))
    if fewest < 2:
        raise InputError(
            "cannot look for suspicious labels: each class needs pictures of at least two different subjects, "
            f"has {(positive_count > 0).sum()} positive and {(negative_count > 0).sum()} negative; import more"
        )
    order = np.random.default_rng(seed).permutation(count)
    mixed = (positive_count > 0) & (negative_count > 0)
    order = order[np.lexsort((-negative_count[order], -positive_count[order], ~mixed[order]))]
    loads = np.zeros((2, min(folds, fewest)), np.int64)
    fold_of_group = np.empty(count, np.int64)
    for group in order:
        # Groups with positives go where positives are fewest, the others where negatives are fewest: so at least
        # two folds have some of each. Mixed groups must come first, or large positive ones would herd them into
        # one fold, and all negatives with them.
        first, second = loads if positive_count[group] else loads[::-1]
        fold = np.lexsort((second, first))[0]
        fold_of_group[group] = fold
        loads[:, fold] += positive_count[group], negative_count[group]
    return fold_of_group[number]
