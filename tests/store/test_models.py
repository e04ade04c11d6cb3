"""The newest model is the one that a training ended in last."""

import pytest

from store.errors import InputError
from store.models import find_newest_model, newest_model, touch
from store.tables import Model


def add(store, bundle_id: str, concept: str = "trypophobia") -> None:
    facts = {"path": "bundles/x", "snapshot_id": "0" * 64, "backbone": "mobilenet_v1", "metrics": {}}
    with store.session() as session:
        session.add(Model(concept=concept, bundle_id=bundle_id, **facts))


def test_the_model_trained_last_is_the_newest_of_its_concept(store):
    for bundle_id, concept in [("a", "trypophobia"), ("b", "trypophobia"), ("c", "nsfw")]:
        add(store, bundle_id, concept)

    with store.session() as session:
        assert newest_model(session, "trypophobia").bundle_id == "b"


def test_a_model_that_is_chosen_again_is_the_newest_again(store):
    add(store, "a")
    add(store, "b")

    with store.session() as session:
        touch(session, "a")

    with store.session() as session:
        assert newest_model(session, "trypophobia").bundle_id == "a"


def test_without_a_model_the_way_to_one_is_named(store):
    with store.session() as session:
        assert find_newest_model(session, "trypophobia") is None
        with pytest.raises(InputError, match="flinch train"):
            newest_model(session, "trypophobia")
