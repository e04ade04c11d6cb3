"""All that a report and a model card are made from, in one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from training.browser.timing import Spread
from training.evaluation.curves import SplitScores
from training.evaluation.results import Evaluation
from training.evaluation.threshold import Threshold
from training.tracking.metrics_file import Row


@dataclass(frozen=True)
class Mistake:
    """A picture on the wrong side of the threshold, small (``thumbnail``), titled as the source titled it."""

    picture: bytes  # PNG or JPEG
    title: str
    probability: float  # of the positive class
    split: str


@dataclass(frozen=True)
class Cost:
    """What the network costs its users; None where it was not measured (networks/cost.py, browser/timing.py)."""

    macs: int | None = None  # multiply-adds of one picture
    parameters: int | None = None
    download_bytes: int | None = None
    browser: Spread | None = None  # milliseconds of one picture in TF.js wasm
    baseline: Spread | None = None  # the same of MobileNet v1 1.0 at 224 px, in turns with it
    measured_on: str = ""  # the browser, the machine, and how busy it was

    def as_numbers(self) -> dict[str, float]:
        """Return what is known as ``cost/...`` numbers for a tracker's note."""
        known = {
            "cost/macs": self.macs,
            "cost/parameters": self.parameters,
            "cost/download_bytes": self.download_bytes,
            "cost/browser_ms": self.browser.median if self.browser else None,
            "cost/baseline_ms": self.baseline.median if self.baseline else None,
        }
        return {name: float(value) for name, value in known.items() if value is not None}


@dataclass(frozen=True)
class CardFacts:
    """What a model card says that no measurement can; from the concept's [card] table and the weights."""

    intended: str = ""
    limits: tuple[str, ...] = ()  # of the concept, whatever the data
    weights: str = ""  # where the first weights came from
    licences: tuple[str, ...] = ()  # of first weights, the student's and then its teachers'
    data_limits: tuple[str, ...] = ()  # of the very data that was trained on


@dataclass(frozen=True)
class ReportData:
    """All that a report shows: numbers are the evaluation's, curves are drawn from the scores."""

    concept: str
    title: str
    positive: str  # the class that is covered
    bundle_id: str
    created_at: str
    threshold: Threshold
    splits: tuple[SplitScores, ...]  # what is drawn
    evaluation: Evaluation  # what was measured on the same splits
    chosen_on: str = "val"
    epochs: tuple[Row, ...] = ()  # what metrics.jsonl has
    false_positives: tuple[Mistake, ...] = ()  # worst first
    false_negatives: tuple[Mistake, ...] = ()
    recipe: Mapping[str, object] = field(default_factory=dict)
    snapshot: Mapping[str, object] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)  # seconds
    notes: tuple[str, ...] = ()  # what the reader must know first, such as a fallback that was taken
    uncalibrated: tuple[SplitScores, ...] = ()  # the same pictures before calibration, for the diagram
    cost: Cost | None = None
    card: CardFacts | None = None
