"""A real little run for the report's tests: logistic regression finds handwritten eights; ood is turned and noisy.

Everything in it was measured, in a second or two, and comes out the same every time.
"""

from dataclasses import replace
from functools import cache

import numpy as np
from PIL import Image

from training.browser.timing import Spread
from training.evaluation.calibration import calibration_of, fit_rescaling
from training.evaluation.curves import SplitScores
from training.evaluation.evaluate import confusion, worst_mistakes
from training.evaluation.evaluate_split import evaluate_split
from training.evaluation.resampling import Resampler
from training.evaluation.results import Evaluation, StressResult
from training.evaluation.slices import Facts
from training.evaluation.threshold import choose_strictness, choose_threshold, threshold_interval
from training.reporting.mistakes import thumbnail
from training.reporting.report_data import CardFacts, Cost, Mistake, ReportData
from training.tracking.metrics_file import Row

CONTRACT = "precision >= 0.97"
PLACES = {"val": slice(600, 1000), "test": slice(1000, 1500), "ood": slice(1500, 1797)}
ABOUT = {
    "val": "every choice was made here",
    "test": "same writers, other digits; nothing was tuned on it",
    "ood": "upside down and noisy",
}


class Eights:
    """The digits, and a model that was fitted on the first 600; pixels float[n, 8, 8] in 0..1."""

    def __init__(self):
        from sklearn.datasets import load_digits
        from sklearn.linear_model import LogisticRegression

        digits = load_digits()
        rng = np.random.default_rng(0)
        order = rng.permutation(len(digits.target))
        self.names = digits.target[order]
        self.truth = self.names == 8
        self.pixels = digits.images[order] / 16
        self.model = LogisticRegression(C=0.05, max_iter=500).fit(
            self.pixels[:600].reshape(-1, 64), self.truth[:600]
        )
        turned = np.rot90(self.pixels[1500:], 2, axes=(1, 2)) + rng.normal(0, 0.1, (297, 8, 8))
        self.pixels[1500:] = np.clip(turned, 0, 1)

    def judge(self, pixels):
        """Return probabilities float64[n, 2]."""
        return self.model.predict_proba(pixels.reshape(-1, 64))


@cache
def little_run() -> ReportData:
    """Return what a run reports of which the splits alone were measured."""
    eights = Eights()
    splits = tuple(_scores(eights, name, eights.judge(eights.pixels[where])) for name, where in PLACES.items())
    threshold = choose_threshold(CONTRACT, splits[0].positives, splits[0].probabilities)
    false_positives, false_negatives = _mistakes(eights, splits[1], threshold)
    return ReportData(
        concept="eights",
        title="Handwritten eights",
        positive="eight",
        bundle_id="eights-1a2b3c4d-5e6f7a8b",
        created_at="2026-11-20T07:30:00Z",
        threshold=threshold,
        splits=splits,
        evaluation=_of_splits(threshold, splits),
        epochs=_epochs(),
        false_positives=false_positives,
        false_negatives=false_negatives,
        recipe={
            "backbone": "mobilenet_v1",
            "alpha": 1.0,
            "seed": 1,
            "flip": True,
            "shares": {"train": 60, "val": 20},
        },
        snapshot={"snapshot_id": "1a2b3c4d" * 8, "pictures": 1797, "classes": ["other", "eight"], "parent": None},
        timings={"decode": 3.2, "embed": 48.7, "fine-tune": 244.0},
        notes=("Weights came from a mirror, since the first link could not be reached.",),
    )


@cache
def whole_run() -> ReportData:
    """Return what a run reports with everything: calibration, slices, stresses, attacks, detectors, cost, card."""
    eights = Eights()
    raw = {name: eights.judge(eights.pixels[where]) for name, where in PLACES.items()}
    labels = {name: eights.truth[where].astype(np.int64) for name, where in PLACES.items()}
    rescaling = fit_rescaling(raw["val"], labels["val"], 1, np.arange(400) // 2)
    splits = tuple(_scores(eights, name, rescaling(found)) for name, found in raw.items())
    val = splits[0].positives, splits[0].probabilities
    chosen = choose_threshold(CONTRACT, *val)
    threshold = replace(
        chosen,
        interval=threshold_interval(CONTRACT, *val, splits[0].groups, resamples=50),
        strictness=choose_strictness(chosen.value, *val),
    )
    evaluation = Evaluation(
        concept="eights",
        positive="eight",
        threshold=threshold,
        chosen_on="val",
        splits=tuple(evaluate_split(split, threshold, _facts(eights, split.name)) for split in splits),
        calibration=calibration_of(rescaling, {name: (raw[name], labels[name]) for name in raw}, "val"),
        stress=_stresses(eights, splits[1], threshold.value, rescaling),
        adversarial=_attacks(eights, threshold.value, rescaling),
        outliers=_detectors(eights, splits),
    )
    false_positives, false_negatives = _mistakes(eights, splits[1], threshold)
    return replace(
        little_run(),
        threshold=threshold,
        splits=splits,
        false_positives=false_positives,
        false_negatives=false_negatives,
        evaluation=evaluation,
        uncalibrated=tuple(_scores(eights, name, found) for name, found in raw.items()),
        cost=Cost(
            macs=41_234_567,
            parameters=531_000,
            download_bytes=1_074_211,
            browser=Spread(3.1, 3.4, 3.3, 3.9),
            baseline=Spread(26.0, 27.2, 26.8, 28.0),
            measured_on="headless Chromium, one thread; a machine with nothing else to do",
        ),
        card=CardFacts(
            intended="Covering handwritten eights for readers who would rather not see them.",
            limits=("Not every culture writes an eight like this.",),
            weights="none: a logistic regression",
            data_limits=("Every digit was written by one of 43 people.", "No digit is smaller than 8 pixels."),
        ),
    )


def with_splits(data: ReportData, *splits: SplitScores) -> ReportData:
    """Return what a run reports whose splits are these."""
    return replace(data, splits=splits, evaluation=_of_splits(data.threshold, splits))


def _of_splits(threshold, splits) -> Evaluation:
    measured = tuple(evaluate_split(split, threshold) for split in splits)
    return Evaluation("eights", "eight", threshold, "val", measured)


def photograph(pixels):
    """A digit of 8 x 8 as a picture of 160 x 120."""
    return Image.fromarray((255 * pixels).astype(np.uint8)).resize((160, 120))


def _scores(eights, name, probabilities) -> SplitScores:
    truth = eights.truth[PLACES[name]]
    return SplitScores(name, truth, probabilities[:, 1].astype(np.float32), np.arange(len(truth)) // 2, ABOUT[name])


def _facts(eights, name) -> list[Facts]:
    """Slices by the digit, and whether a digit resembles an eight."""
    where = PLACES[name]
    sides = 100 + 300 * (np.arange(1797) % 3)
    return [
        Facts(
            int(side),
            int(side),
            f"folder:writers/{digit % 3}",
            f"a {digit}",
            digit in (3, 9) if digit != 8 else None,
        )
        for digit, side in zip(eights.names[where], sides[where], strict=True)
    ]


def _mistakes(eights, test, threshold) -> tuple[tuple[Mistake, ...], tuple[Mistake, ...]]:
    places = worst_mistakes(test.positives, test.probabilities, threshold.value, count=8)
    false_positives, false_negatives = (
        tuple(
            Mistake(
                picture=thumbnail(photograph(eights.pixels[1000 + place])),
                title=f"A handwritten {eights.names[1000 + place]}, number {place}",
                probability=float(test.probabilities[place]),
                split="test",
            )
            for place in found
        )
        for found in places
    )
    return false_positives, false_negatives


def _stresses(eights, test, threshold, rescaling) -> tuple[StressResult, ...]:
    rng = np.random.default_rng(1)
    pixels, truth = eights.pixels[PLACES["test"]], test.positives
    spoilt = {
        ("low_light", "at a third of its light"): pixels / 3,
        ("noisy", "with noise of a quarter of its range"): np.clip(
            pixels + rng.normal(0, 0.25, pixels.shape), 0, 1
        ),
        ("inverted", "black where it was white"): 1 - pixels,
    }
    resampler = Resampler(test.groups, len(truth), resamples=200)
    was = test.probabilities >= threshold
    found = []
    for (name, about), stressed in spoilt.items():
        after = rescaling(eights.judge(stressed))[:, 1]
        now = after >= threshold
        found.append(
            StressResult(
                name=name,
                about=about,
                n=len(truth),
                positives=int(truth.sum()),
                recall=resampler.share(truth & now, truth),
                fpr=resampler.share(~truth & now, ~truth),
                auc=resampler.auc(truth, after),
                recall_delta=resampler.share_change(truth & was, truth & now, truth),
                fpr_delta=resampler.share_change(~truth & was, ~truth & now, ~truth),
                auc_delta=resampler.auc_change(truth, test.probabilities, after),
            )
        )
    return tuple(found)


def _attacks(eights, threshold, rescaling) -> dict[str, object]:
    """Attack a linear model, of which one step of FGSM is the best that PGD could find."""
    pixels, truth = eights.pixels[PLACES["test"]], eights.truth[PLACES["test"]]
    away = np.sign(eights.model.coef_).reshape(8, 8) * np.where(truth, -1, 1)[:, None, None]
    rng = np.random.default_rng(2)
    strikes = []
    for attack, eps in (("none", 0.0), *((kind, size) for kind in ("noise", "fgsm", "pgd") for size in (2, 8, 32))):
        step = away if attack != "noise" else rng.choice((-1, 1), pixels.shape)
        counts = confusion(
            truth, rescaling(eights.judge(np.clip(pixels + eps / 255 * step, 0, 1)))[:, 1], threshold
        )
        strikes.append(
            {
                "attack": attack,
                "eps": float(eps),
                "recall": counts.recall,
                "false_positive_rate": counts.false_positive_rate,
            }
        )
    return {
        "threshold": threshold,
        "positives": int(truth.sum()),
        "normals": int((~truth).sum()),
        "size": 8,
        "pgd_steps": 1,
        "seed": 2,
        "strikes": strikes,
    }


def _detectors(eights, splits) -> list[dict[str, object]]:
    from sklearn.ensemble import IsolationForest
    from sklearn.metrics import roc_auc_score

    forest = IsolationForest(n_estimators=50, random_state=0).fit(eights.pixels[:600].reshape(-1, 64))
    found = {
        split.name: -forest.score_samples(eights.pixels[PLACES[split.name]].reshape(-1, 64)) for split in splits
    }
    errors = {split.name: split.positives != (split.probabilities >= 0.5) for split in splits}
    flags = {name: {"error_auc": float(roc_auc_score(errors[name], scores))} for name, scores in found.items()}
    return [
        {
            "name": "isolation forest",
            "as_classifier": {"setting": "50 trees", "splits": {}},
            "as_flag": {"setting": "50 trees", "splits": flags},
        }
    ]


def _epochs() -> tuple[Row, ...]:
    """What the tracker was told of two stages: with a rate, and a loss of the distillation in the second."""
    at = "2026-11-20T07:00:00+00:00"
    head = [
        Row("head", n, {"loss": 0.6 / n, "val_average_precision": 1 - 0.3 / n, "rate": 1e-3}, at) for n in (1, 2, 3)
    ]
    tuned = [
        Row(
            "fine-tune",
            n,
            {
                "loss": 0.2 / n,
                "val_average_precision": 0.95 - 0.05 / n,
                "rate": 2e-5 * 0.3 ** (n // 3),
                "distillation_loss": 0.3 / n,
            },
            at,
        )
        for n in range(1, 6)
    ]
    return (*head, *tuned)
