"""A bundle on a labelled folder, and a threshold read off it: what ``flinch evaluate FOLDER`` does."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from inference.predictor import Predictor
from store.errors import InputError
from training.evaluation.curves import SplitScores
from training.evaluation.evaluate import cut, decimal
from training.evaluation.evaluate_split import evaluate_split
from training.evaluation.labelled_folder import score_folder
from training.evaluation.results import Evaluation, SplitEvaluation
from training.evaluation.threshold import (
    Threshold,
    choose_threshold,
    parse_contract,
    threshold_from_json,
    threshold_interval,
)

# No near-duplicates are looked for in a folder, and its pictures are not looked up in any snapshot.
ABOUT = "as its subfolders say; each picture counts on its own; the bundle may have seen it"
OPTION = "--contract"


@dataclass(frozen=True)
class OwnThreshold:
    """A threshold that was chosen on the folder, with its interval, and what was measured there at it."""

    threshold: Threshold
    measured: SplitEvaluation

    def as_json(self) -> dict[str, object]:
        """Return the threshold for machines, with the shares that it gives on the pictures it was chosen on."""
        shares = {key: getattr(self.measured, key).as_json() for key in ("precision", "recall", "fpr")}
        return self.threshold.as_json(self.measured.name) | shares


@dataclass(frozen=True)
class FolderEvaluation:
    """What a bundle is worth on a folder's pictures, how many could not be read, and the threshold chosen there."""

    evaluation: Evaluation  # of one split, the folder
    skipped: Mapping[str, int]  # by reason
    own: OwnThreshold | None = None  # where a contract was asked for

    @property
    def split(self) -> SplitEvaluation:
        """What was measured at the bundle's threshold."""
        [split] = self.evaluation.splits
        return split

    def as_json(self) -> dict[str, object]:
        """Return the plain metrics, the evaluation as ``Evaluation.as_json`` gives it, and the own threshold."""
        return {
            **self.split.metrics.as_json(),
            "skipped": dict(self.skipped),
            "evaluation": self.evaluation.as_json(),
            "own_threshold": self.own.as_json() if self.own else None,
        }


def evaluate_folder(predictor: Predictor, folder: Path, contract: str | None = None) -> FolderEvaluation:
    """Return what the bundle is worth on ``folder``, and with a ``contract`` the threshold that keeps it there.

    Each picture is its own group. ConfigError when the contract cannot be read; InputError when no threshold keeps
    it, a class that it needs is missing, or ``score_folder`` has nothing to score.
    """
    if contract is not None:
        parse_contract(contract, OPTION)
    bundle = predictor.bundle
    threshold = threshold_from_json(bundle.threshold)
    scored = score_folder(predictor, folder, bundle.classes)
    scores = SplitScores(
        str(folder),
        scored.labels == bundle.positive_index,
        scored.probabilities[:, bundle.positive_index],
        about=ABOUT,
    )
    return FolderEvaluation(
        Evaluation(
            concept=bundle.concept,
            positive=bundle.positive,
            threshold=threshold,
            chosen_on=str(bundle.threshold.get("chosen_on", "val")),
            splits=(evaluate_split(scores, threshold),),
        ),
        scored.skipped,
        None if contract is None else _own(scores, contract),
    )


def _own(scores: SplitScores, contract: str) -> OwnThreshold:
    pictures = scores.positives, scores.probabilities
    chosen = choose_threshold(contract, *pictures)
    if not chosen.met:
        raise InputError(
            f"{scores.name}: no threshold keeps {chosen.contract} on its {chosen.n} pictures; the nearest, "
            f"{cut(chosen.value)}, has precision {decimal(chosen.precision)}, recall {decimal(chosen.recall)}, "
            f"fpr {decimal(chosen.fpr, 4)}; ask for less, or look at its labels again"
        )
    chosen = replace(chosen, interval=threshold_interval(contract, *pictures))
    return OwnThreshold(chosen, evaluate_split(scores, chosen))
