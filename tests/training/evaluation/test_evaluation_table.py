"""An evaluation in a terminal: what has no interval says so, and gives no wrong reason for it."""

from dataclasses import replace

import numpy as np

from training.evaluation.curves import SplitScores
from training.evaluation.evaluate_split import evaluate_split
from training.evaluation.evaluation_table import lines_of
from training.evaluation.results import Evaluation, SliceResult
from training.evaluation.threshold import choose_threshold


def test_the_table_of_a_split_that_is_told_apart_gives_its_area_without_an_interval():
    truth = np.arange(20) < 6
    scores = np.where(truth, 0.9, 0.1)
    threshold = choose_threshold("precision >= 0.9", truth, scores)
    split = evaluate_split(SplitScores("val", truth, scores, np.arange(20)), threshold)
    part = SliceResult("kind", "drawn", 20, 6, split.precision, split.recall, split.fpr, split.auc)

    lines = lines_of(Evaluation("spots", "spotted", threshold, "val", (replace(split, slices=(part,)),)))

    [area] = [line for line in lines if line.startswith("AUC")]
    assert area.split() == ["AUC", "1.0000"]
    [row] = [line for line in lines if line.startswith("kind: drawn")]
    assert row.endswith("1.0000 [no interval]")
