"""A finished bundle is known to the store, with what its model says of held-out pictures."""

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from inference.bundle import load_bundle
from store.database import open_store
from store.errors import InputError
from store.filing import SightingFacts, file_picture
from store.models import newest_model
from store.pictures import check
from store.tables import Model, Prediction
from tests.pictures import png
from training.evaluation.judge import HeldOut
from training.register import chosen_bundle, register


def judged(digests, probabilities):
    return HeldOut(digests, np.array(probabilities), np.array([True] + [False] * (len(digests) - 1)))


@pytest.fixture
def digests(store):
    """Two filed pictures."""
    with store.session() as session:
        for seed in (1, 2):
            data = png(seed, 64, 64)
            file_picture(session, store.blobs, data, check(data), SightingFacts("folder:x", str(seed)))
    return [check(png(seed, 64, 64)).sha256 for seed in (1, 2)]


def test_predictions_are_kept_by_picture_with_how_they_came_about(store, digests, bundle_dir: Path):
    bundle = load_bundle(bundle_dir)

    with store.session() as session:
        register(session, bundle, judged(digests, [0.25, 0.75]))

    with store.session() as session:
        rows = session.scalars(select(Prediction).order_by(Prediction.probability)).all()
        assert [(row.probability, row.out_of_fold) for row in rows] == [(0.25, True), (0.75, False)]
    assert chosen_bundle(store, bundle.concept, None) == bundle_dir


def test_a_bundle_that_is_registered_is_the_newest_from_then_on(store, digests, bundle_dir: Path):
    bundle = load_bundle(bundle_dir)

    with store.session() as session:
        for one in (bundle, replace(bundle, id="another"), bundle):
            register(session, one, judged(digests, [0.25, 0.75]))
            assert newest_model(session, bundle.concept).bundle_id == one.id


def test_registering_a_bundle_again_replaces_its_predictions(store, digests, bundle_dir: Path):
    bundle = load_bundle(bundle_dir)

    with store.session() as session:
        first = register(session, bundle, judged(digests, [0.25, 0.75]))
        second = register(session, bundle, judged(digests, [0.5, 0.5]))

    assert first == second
    with store.session() as session:
        assert session.scalars(select(Prediction.probability)).all() == [0.5, 0.5]
        assert len(session.scalars(select(Model)).all()) == 1


def test_a_picture_purged_during_training_is_passed_over(store, digests, bundle_dir: Path):
    with store.session() as session:
        register(session, load_bundle(bundle_dir), judged([*digests, "f" * 64], [0.1, 0.2, 0.3]))

    with store.session() as session:
        assert len(session.scalars(select(Prediction)).all()) == 2


def test_a_bundle_is_chosen_by_its_folder_or_by_its_runs_name(road, bundle_dir: Path):
    with closing(open_store(road.as_home())) as store:
        digits = bundle_dir.name.rpartition("-")[2]
        for given in (bundle_dir.name, digits[:6]):
            assert chosen_bundle(store, "trypophobia", Path(given)) == bundle_dir
        for given in (bundle_dir, Path("no/such/bundle")):
            assert chosen_bundle(store, "trypophobia", given) == given
        with pytest.raises(InputError, match="no run is called 'unheard-of'"):
            chosen_bundle(store, "trypophobia", Path("unheard-of"))


@pytest.mark.parametrize("exported", [False, True])
def test_a_run_that_was_killed_has_no_bundle_to_choose(store, bundle_dir: Path, exported: bool):
    (store.home.runs / "trypophobia-0123456789abcdef").mkdir(parents=True)
    if exported:
        # Killed between its bundle and its report.
        shutil.copytree(bundle_dir, store.home.bundles / "trypophobia-0123456789abcdef")

    with pytest.raises(InputError, match="0123456789abcdef is unfinished; train it again"):
        chosen_bundle(store, "trypophobia", Path("0123"))
