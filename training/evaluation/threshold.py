"""The threshold by contract: "precision >= 0.97" goes in, the cut that keeps it comes out.

A contract is met, or not met, on the pictures that it was chosen on (val, never test). What it will do on other
pictures is another question: ``threshold_interval`` and the metrics of test and ood answer it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store.errors import ConfigError, InputError
from training.evaluation.curves import Flags, Floats, OperatingPoints, checked, operating_points
from training.evaluation.intervals import Groups, Interval, group_numbers, percentile_interval

ACCEPTED = ("precision >= 0.97", "recall >= 0.9", "fpr <= 0.005", "fnr <= 0.1")
# What the outer two of the strictness levels promise; the balanced one keeps the concept's own contract. Lenient
# covers only what is all but certain, so that few pictures are hidden for nothing. Strict spends a budget of false
# alarms, one normal picture in fifty, on missing as little as it buys.
STRICTNESS = {"lenient": "precision >= 0.99", "strict": "fpr <= 0.02"}
_PATTERN = re.compile(r"\s*(?:(precision|recall)\s*>=|(fpr|fnr)\s*<=)\s*(\d*\.?\d+(?:[eE][-+]?\d+)?)\s*")


@dataclass(frozen=True)
class Contract:
    """A promise about one measure: at least ``limit`` for precision and recall, at most for fpr and fnr."""

    measure: str
    limit: float  # 0..1

    def __str__(self) -> str:
        return f"{self.measure} {'>=' if self.at_least else '<='} {self.limit:g}"

    @property
    def at_least(self) -> bool:
        """Whether more of the measure is better."""
        return self.measure in ("precision", "recall")

    def kept_by(self, value: float | None) -> bool | None:
        """Whether the measure's ``value`` keeps the limit; None where it is undefined."""
        if value is None:
            return None
        return value >= self.limit if self.at_least else value <= self.limit

    def shortfall(self, points: OperatingPoints) -> NDArray[np.float64]:
        """Return float64[k]: by how much each point misses the limit; 0 where it keeps it."""
        values = {
            "precision": points.precision,
            "recall": points.recall,
            "fpr": points.false_positive_rate,
            "fnr": points.miss_rate,
        }[self.measure]()
        return np.maximum(self.limit - values if self.at_least else values - self.limit, 0.0)


@dataclass(frozen=True)
class Strictness:
    """Three thresholds that a reader may choose from: strict <= balanced <= lenient, so strict covers the most."""

    lenient: float
    balanced: float
    strict: float

    def as_json(self) -> dict[str, float]:
        """Return the thresholds by their names."""
        return {"lenient": self.lenient, "balanced": self.balanced, "strict": self.strict}


@dataclass(frozen=True)
class Threshold:
    """A chosen cut, with what it does on the n pictures that it was chosen on."""

    value: float  # 0..1
    contract: str
    met: bool
    n: int
    positives: int
    precision: float
    recall: float
    fpr: float
    interval: Interval | None = None  # where it might have fallen (``threshold_interval``)
    strictness: Strictness | None = None

    def as_json(self, chosen_on: str = "val") -> dict[str, object]:
        """Return bundle.json's ``threshold`` object; interval and strictness only where they are known."""
        return {
            "value": self.value,
            **({"interval": self.interval.as_json()} if self.interval else {}),
            "contract": self.contract,
            "met": self.met,
            "chosen_on": chosen_on,
            "n": self.n,
            "positives": self.positives,
            **({"strictness": self.strictness.as_json()} if self.strictness else {}),
        }

    def sentence(self, chosen_on: str = "val") -> str:
        """Say in one line what was chosen, on what, and whether the contract is kept there."""
        kept = f"keeps {self.contract}" if self.met else f"does NOT keep {self.contract}: the nearest there is"
        return (
            f"threshold {self.value:.4f} {kept} (on {chosen_on}: precision {self.precision:.3f}, "
            f"recall {self.recall:.3f}, fpr {self.fpr:.4f}, n {self.n}, positives {self.positives})"
        )


def parse_contract(text: str, where: str = "threshold.contract") -> Contract:
    """Read one of ``ACCEPTED``'s forms; ConfigError says ``where`` it stands, the key or option, and the forms."""
    match = _PATTERN.fullmatch(text)
    limit = float(match[3]) if match else -1.0
    if match is None or not 0 <= limit <= 1:
        forms = " | ".join(f"'{form}'" for form in ACCEPTED)
        raise ConfigError(f"{where}: cannot read {text!r}; write one of {forms}, limits in 0..1")
    return Contract(match[1] or match[2], limit)


def threshold_from_json(said: Mapping[str, Any]) -> Threshold:
    """Return the threshold that bundle.json's ``threshold`` object says; what it did on val is not there (NaN).

    InputError when a key is missing or not what it should be.
    """
    low_high, levels = said.get("interval"), said.get("strictness")
    try:
        return Threshold(
            value=float(said["value"]),
            contract=str(parse_contract(said["contract"])),
            met=bool(said["met"]),
            n=int(said["n"]),
            positives=int(said["positives"]),
            precision=float("nan"),
            recall=float("nan"),
            fpr=float("nan"),
            interval=Interval(*low_high) if low_high else None,
            strictness=Strictness(**levels) if levels else None,
        )
    except (KeyError, TypeError, ValueError, ConfigError) as error:
        raise InputError(f"the bundle's threshold cannot be used ({error}); train anew") from error


def choose_threshold(contract: Contract | str, positives: Flags, probabilities: Floats) -> Threshold:
    """Return the best cut that keeps the contract on these pictures, or the nearest one with ``met=False``.

    Best is the most recall for a contract on precision or fpr (then the fewest false positives), and the fewest
    false positives for one on recall or fnr (then the most recall). A cut that covers no positive keeps no
    contract: it would be a blocker that blocks nothing. InputError when a class is missing.
    """
    promise = parse_contract(contract) if isinstance(contract, str) else contract
    points = operating_points(positives, probabilities)
    if not points.positives or not points.negatives:
        raise InputError(
            f"cannot choose a threshold for {promise}: needs pictures of both classes, "
            f"has {points.positives} positive and {points.negatives} negative; import or label more"
        )
    best, met = _best(promise, points)
    return Threshold(
        value=_between(points.scores, best),
        contract=str(promise),
        met=met,
        n=points.positives + points.negatives,
        positives=points.positives,
        precision=float(points.precision()[best]),
        recall=float(points.recall()[best]),
        fpr=float(points.false_positive_rate()[best]),
    )


def choose_strictness(balanced: float, positives: Flags, probabilities: Floats) -> Strictness:
    """Return the three levels around the ``balanced`` threshold, each chosen by its contract on these pictures.

    A level whose contract would put it on the wrong side of ``balanced`` takes its value: a stricter word never
    covers less. InputError when a class is missing.
    """
    chosen = {
        name: choose_threshold(contract, positives, probabilities).value for name, contract in STRICTNESS.items()
    }
    return Strictness(max(chosen["lenient"], balanced), balanced, min(chosen["strict"], balanced))


def threshold_interval(
    contract: Contract | str,
    positives: Flags,
    probabilities: Floats,
    groups: Groups | None = None,
    resamples: int = 200,
    seed: int = 0,
) -> Interval:
    """Return where 95 % of the thresholds lie that other draws of the same groups would have chosen.

    Draws in which a class is missing are left out; InputError when one is missing altogether.
    """
    promise = parse_contract(contract) if isinstance(contract, str) else contract
    chosen = [choose_threshold(promise, positives, probabilities).value]
    truth, scores = checked(positives, probabilities)
    number = group_numbers(groups, len(truth))
    rows_of = np.split(np.argsort(number, kind="stable"), np.cumsum(np.bincount(number))[:-1])
    rng = np.random.default_rng(seed)
    for _ in range(resamples):
        rows = np.concatenate([rows_of[group] for group in rng.integers(len(rows_of), size=len(rows_of))])
        if truth[rows].any() and not truth[rows].all():
            chosen.append(choose_threshold(promise, truth[rows], scores[rows]).value)
    return percentile_interval(np.array(chosen))


def _best(contract: Contract, points: OperatingPoints) -> tuple[int, bool]:
    """Return the place of the best point, and whether it keeps the contract."""
    shortfall = np.where(points.true_positives > 0, contract.shortfall(points), np.inf)
    met = not shortfall.min()
    hits, alarms = points.true_positives, points.false_positives
    wishes = (alarms, -hits) if contract.measure in ("recall", "fnr") else (-hits, alarms)
    # lexsort's last key counts first.
    return int(np.lexsort((wishes[1], wishes[0], shortfall))[0]), met


def _between(scores: NDArray[np.float64], place: int) -> float:
    """Return a threshold midway between scores[place], which it covers, and the next lower score, or 0."""
    upper = float(scores[place])
    lower = float(scores[place + 1]) if place + 1 < len(scores) else 0.0
    middle = (lower + upper) / 2
    # Readers may hold the threshold as float32; between close neighbours it would round onto the lower one.
    return middle if lower < float(np.float32(middle)) <= upper and lower < middle else upper
