"""What names a fit, a run and what caches keep: everything that decides their results, and nothing else."""

import json
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from store.config import Concept, TrainConfig
from training.networks.weights import Pretrained
from training.snapshot import Snapshot

# What makes a network, of published weights or of a bundle; what fits it to pictures (`synthetic` has a number of
# its own: pictures.composites.COMPOSER); and what turns it into what a run leaves.
NETWORKS = ("networks", "toolchain/converter.py")
FIT = (*NETWORKS, "fitting", "pictures", "stages.py")
RUN = ("evaluation", "exporting", "reporting", "assess.py", "bundling.py", "register.py")
# What builds, folds and converts the network that times are compared with (training/browser/timing.py).
REFERENCE = (*NETWORKS, "exporting", "browser/timing.py")
# What computes a network.
COMPUTED_BY = ("keras", "tensorflow-cpu")
# Of the recipe, what decides which views of which pictures are shown, and in which order.
LESSONS = {"seed", "batch_size", "positive_share", "augment", "synthetic"}
# The same of its table `distill`; and whether the teachers look at mirror images.
HEARD = {"mirror", "unlabelled", "mixtures", "unlabelled_min_area", "likely"}
# Of the concept, what a run is made by after its fit.
TOLD = {"title", "threshold", "evaluate", "export", "card"}


def fit_id(
    snapshot: Snapshot,
    concept: Concept,
    recipe: TrainConfig,
    pretrained: Pretrained | None,
    teachers: Sequence[str] = (),
) -> str:
    """Return what names a fit, in 16 hex digits: two fits of one name would give one network.

    ``teachers`` are the names of the teachers' fits.
    """
    return _digest(
        {
            **_basis(snapshot, concept),
            "train": recipe.model_dump(),
            "weights": pretrained.sha256 if pretrained else "random",
            "teachers": list(teachers),
        }
    )


def answers_id(snapshot: Snapshot, concept: Concept, teachers: Sequence[str]) -> str:
    """Return what names the answers of fits, in 16 hex digits: a student with other layers learns the same ones."""
    lessons = concept.train.model_dump(include=LESSONS) | concept.train.distill.model_dump(include=HEARD)
    return _digest({**_basis(snapshot, concept), "lessons": lessons, "teachers": list(teachers)})


def run_id(fit: str, concept: Concept) -> str:
    """Return what names a run: its fit, and how the network is judged, cut, exported and reported."""
    return _digest(
        {
            "fit": fit,
            "code": _code(RUN),
            "concept": concept.model_dump(include=TOLD),
            "versions": _versions("flinch", "tensorflowjs"),
        }
    )


@cache
def networks_code() -> str:
    """Return what names the code of networks, in 16 hex digits: with other code, weights see other things."""
    return _digest({"code": _code(NETWORKS), "versions": _versions(*COMPUTED_BY)})


def reference_id() -> str:
    """Return what names the network that times are compared with, in 16 hex digits: other code makes another."""
    return _digest({"code": _code(REFERENCE), "versions": _versions(*COMPUTED_BY, "tensorflowjs")})


def _basis(snapshot: Snapshot, concept: Concept) -> dict[str, Any]:
    return {
        "code": _code(FIT),
        "snapshot": snapshot.id,
        "classes": concept.classes,
        "positive": concept.positive,
        "versions": _versions(*COMPUTED_BY, "scikit-learn"),
    }


def _versions(*packages: str) -> dict[str, str]:
    return {name: version(name) for name in packages}


def _code(names: Sequence[str]) -> str:
    """Return the hash of packages' and modules' source: changed code neither resumes a fit nor shows an old run."""
    here = Path(__file__).parent
    places = [here / name for name in names]
    # Templates and style sheets are source too; what Python compiled is not.
    within = [[place] if place.is_file() else sorted(place.rglob("*.*")) for place in places]
    files = [file for found in within for file in found if file.is_file() and file.suffix != ".pyc"]
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _digest(decisive: dict[str, Any]) -> str:
    return sha256(json.dumps(decisive, sort_keys=True, default=list).encode()).hexdigest()[:16]
