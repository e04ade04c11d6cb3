"""A run's card says of its data and its first weights what is true of this run, and nothing of another one's."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from store.config import Concept, load_config
from tests.little_run import little_run
from training.bundling import card_facts
from training.clock import Clock
from training.job import Fit, Job
from training.networks.weights import MIRRORS, Pretrained
from training.reporting.markdown import as_markdown
from training.reporting.model_card import card_of
from training.snapshot import Snapshot

KERAS = Pretrained("cache", "keras.applications", Path("weights.npz"), "0" * 64, "resnet50", 1.0)


@pytest.fixture
def concept() -> Concept:
    return load_config("trypophobia")


def mirrored(name: str) -> Pretrained:
    pin = MIRRORS[name, 1.0]
    return Pretrained("registry", str(pin), Path(pin.member), pin.sha256, name, 1.0)


def card(concept: Concept, snapshot: str, *weights: Pretrained | None) -> str:
    """Return the card of a run on a snapshot by a student and its teachers, which start from ``weights``."""
    fits = [Fit(concept.train, each, Path("fits")) for each in weights]
    frozen = Snapshot(snapshot, Path("snapshot.csv"), (), {}, ())
    job = Job(None, concept, frozen, fits[0], tuple(fits[1:]), Path("answers"), Path("runs/run"), Clock(print))
    return as_markdown("Model card", card_of(replace(little_run(), card=card_facts(job))))


def test_facts_of_one_data_set_stand_in_the_card_of_a_run_on_its_snapshot_and_in_no_other(concept: Concept):
    own, others = (
        card(concept, snapshot, mirrored("mobilenet_v2")) for snapshot in (concept.card.data_snapshot, "1" * 64)
    )

    facts = concept.card.data_limits
    assert facts
    assert all(fact in own for fact in facts)
    assert "limits of the data were not written down" not in own
    assert not any(fact in others for fact in facts)
    assert "14,267" not in others
    assert "beehives" not in others
    assert "limits of the data were not written down" in others
    assert concept.card.intended in own
    assert concept.card.intended in others


def test_a_card_tells_the_licences_of_the_networks_that_were_used_the_students_first(concept: Concept):
    told = card(concept, "1" * 64, *map(mirrored, ("mobilenet_v2", "mobilenet_v1", "efficientnet_lite2")))

    lines = [line for line in told.splitlines() if "Licence of the first weights" in line]
    assert [line.split(";")[0] for line in lines] == [
        "- Licence of the first weights of mobilenet_v2: BSD-3-Clause, torchvision",
        "- Licence of the first weights of mobilenet_v1: Apache-2.0, Google",
        "- Licence of the first weights of efficientnet_lite2: Apache-2.0, Google",
    ]


def test_a_card_of_another_network_names_no_mobilenet(concept: Concept):
    # Its recipe is the concept's own, which is not what is asked here.
    told = card(concept, "1" * 64, KERAS).partition("**Training recipe**")[0].partition("- First weights")[2]

    assert "Licence of the first weights of resnet50: not recorded." in told
    assert "mobilenet" not in told.lower()
    assert "Apache" not in told


def test_a_card_names_the_bundle_that_a_network_started_from_and_nothing_for_a_random_start(concept: Concept):
    warm = replace(mirrored("mobilenet_v2"), link="bundle", origin="trypophobia-e81eb24452cfcdc9")

    assert "of mobilenet_v2: those of the bundle trypophobia-e81eb24452cfcdc9." in card(concept, "1" * 64, warm)
    told = replace(warm, licence="BSD-3-Clause, somebody")
    assert "of mobilenet_v2: BSD-3-Clause, somebody." in card(concept, "1" * 64, told)
    assert "Licence of the first weights" not in card(concept, "1" * 64, None)


def test_keras_download_of_a_network_is_not_said_to_have_the_mirrors_licence(concept: Concept):
    told = card(concept, "1" * 64, replace(KERAS, name="mobilenet_v2"))

    assert "of mobilenet_v2: not recorded." in told


def test_the_released_models_facts_are_bound_to_its_snapshot(concept: Concept):
    released = Path(__file__).parents[2] / "extension" / "model" / "bundle.json"

    assert json.loads(released.read_text())["snapshot_id"] == concept.card.data_snapshot
