"""What names a fit and a run: everything that decides their results, and nothing else."""

import json
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from store.config import Concept
from training.snapshot import Snapshot
from training.weights import Pretrained

# The modules that turn pictures into a network.
DECISIVE = ("augment", "backbones", "convolutions", "data", "fit", "pixels", "sampling", "schedule")


def fit_id(snapshot: Snapshot, concept: Concept, pretrained: Pretrained) -> str:
    """Return what names a fit, in 16 hex digits: two fits of one name would give one network."""
    return _digest(
        {
            "code": _code(),
            "snapshot": snapshot.id,
            "classes": concept.classes,
            "positive": concept.positive,
            "train": concept.train.model_dump(),
            "weights": pretrained.sha256,
            "versions": {name: version(name) for name in ("keras", "tensorflow-cpu")},
        }
    )


def run_id(fit: str, concept: Concept) -> str:
    """Return what names a run: its fit, and how the network is cut and exported."""
    return _digest(
        {
            "fit": fit,
            "threshold": concept.threshold.model_dump(),
            "export": concept.export.model_dump(),
            "versions": {name: version(name) for name in ("flinch", "tensorflowjs")},
        }
    )


def _code() -> str:
    """Return the hash of the source that turns pictures into a network: changed code does not resume an old fit."""
    here = Path(__file__).parent
    return sha256(b"".join((here / f"{name}.py").read_bytes() for name in DECISIVE)).hexdigest()


def _digest(decisive: dict[str, Any]) -> str:
    return sha256(json.dumps(decisive, sort_keys=True, default=list).encode()).hexdigest()[:16]
