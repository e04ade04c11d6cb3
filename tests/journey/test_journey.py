"""One set of pictures through every stage, by the commands that a person types."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from inference.bundle import load_bundle
from store.database import open_store
from store.models import newest_model
from store.tables import Model
from tests.fakes.image_host import ImageHost
from tests.trained import FLINCH, ROOT, TINY, Road, settings_of

PHOTOGRAPHS = ROOT.parent / "shared" / "data" / "trypophobia" / "val"


def test_a_training_ends_in_a_bundle_a_report_and_an_extension_that_carries_the_model(road: Road):
    bundle = load_bundle(Path(road.outcome["bundle"]))

    assert bundle.metrics["test"]["auc"] > 0.8
    assert bundle.parity.tfjs <= bundle.parity.bound
    assert Path(road.outcome["report"]).read_text().startswith("<!DOCTYPE html>")
    assert json.loads((road.extension / "model" / "bundle.json").read_text())["id"] == bundle.id
    assert not list((road.extension / "model").rglob("*.png"))


def test_training_again_with_nothing_new_reuses_the_run_and_makes_its_model_the_newest(trip: Road):
    with closing(open_store(trip.as_home())) as store, store.session() as session:
        facts = {"path": "bundles/x", "snapshot_id": "0" * 64, "backbone": "mobilenet_v1", "metrics": {}}
        session.add(Model(concept="trypophobia", bundle_id="of another recipe", **facts))

    begun = time.perf_counter()
    again = trip.flinch("train", "--concept", TINY, "--extension", trip.extension, "--json")

    told = json.loads(again.stdout)
    assert told["reused"]
    assert all(told[key] == trip.outcome[key] for key in ("id", "snapshot_id", "threshold", "metrics"))
    assert time.perf_counter() - begun < 60
    with closing(open_store(trip.as_home())) as store, store.session() as session:
        assert newest_model(session, "trypophobia").bundle_id == told["id"]


def test_evaluate_prints_what_was_measured_on_a_labelled_folder(road: Road, tmp_path: Path):
    for name in ("normal", "trypophobia"):
        (tmp_path / name).mkdir()
    export_drawn(tmp_path)

    told = road.flinch("evaluate", "--concept", TINY, "--json", tmp_path)

    metrics = json.loads(told.stdout)
    wanted = ["n", "auc", "average_precision", "threshold", "precision", "recall", "recall_at_fpr", "fpr_at_fnr"]
    assert set(wanted) <= set(metrics)
    assert metrics["n"] == 40
    assert metrics["auc"] > 0.7
    assert metrics["threshold"] == road.outcome["threshold"]["value"]


def test_a_training_leaves_a_round_to_be_listed_and_answered(trip: Road):
    listed = trip.flinch("label", "list", "--concept", TINY, "--json")
    items = json.loads(listed.stdout)["items"]
    answered = trip.flinch("label", "set", items[0]["sha256"][:12], "normal", "--by", "ada", "--concept", TINY)

    assert listed.stderr.startswith("round 1 was made")
    assert 0 < len(items) <= 30
    assert answered.returncode == 0, answered.stderr
    assert "is normal (human, by ada), round 1" in answered.stdout


@pytest.fixture
def service(trip: Road, tmp_path: Path) -> Iterator[str]:
    """Run the feedback service on the trip's store."""
    command = [str(FLINCH), "serve", "--port", "0", "--allow-private-hosts", "--concept", str(TINY)]
    errors = tmp_path / "serve.err"
    with errors.open("w") as stderr:
        server = subprocess.Popen(
            command, env=settings_of(trip.home), cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    try:
        # The line is printed once the workers can be reached; it never comes from a server that died.
        line = server.stdout.readline()
        said = re.search(r" on (http://\S+) with ", line)
        assert said, f"no address in '{line}': {errors.read_text()}"
        assert requests.get(f"{said[1]}/readyz", timeout=30).ok, errors.read_text()
        yield said[1]
    finally:
        server.terminate()
        server.communicate(timeout=20)


def test_a_readers_report_comes_back_as_a_quarantined_candidate(trip: Road, service: str):
    before = json.loads(trip.flinch("snapshot", "--concept", TINY, "--json").stdout)

    with ImageHost() as host:
        report = {"url": host.url("/good.png"), "verdict": "trypophobia"}
        reported = requests.post(f"{service}/v1/feedback", json=report, timeout=10)
        crawled = trip.flinch("crawl", "feedback", "--allow-private", "--concept", TINY)

    status = json.loads(trip.flinch("status", "--concept", TINY, "--json").stdout)
    after = json.loads(trip.flinch("snapshot", "--concept", TINY, "--json").stdout)
    assert reported.status_code == 201
    assert crawled.returncode == 0, crawled.stderr
    assert status["quarantined"] == 1
    # Quarantined: the picture is in the store, and no snapshot holds it.
    assert after["id"] == before["id"]


def test_photographs_are_imported_beside_the_drawings(trip: Road, tmp_path: Path):
    if not PHOTOGRAPHS.is_dir():
        pytest.skip(f"the photographs are not here: {PHOTOGRAPHS.parent.name} lies beside the project in CI only")
    folder = tmp_path / "photographs"
    for name in ("normal", "trypophobia"):
        (folder / name).mkdir(parents=True)
        for photograph in sorted((PHOTOGRAPHS / name).iterdir())[:10]:
            shutil.copy(photograph, folder / name)
    before = json.loads(trip.flinch("status", "--concept", TINY, "--json").stdout)["images"]

    imported = trip.flinch("import", folder, "--name", "photographs", "--concept", TINY, "--json")

    assert imported.returncode == 0, imported.stderr
    assert json.loads(trip.flinch("status", "--concept", TINY, "--json").stdout)["images"] == before + 20
    assert re.search(r"photographs", trip.flinch("status", "--concept", TINY).stdout)


def export_drawn(folder: Path) -> None:
    """Draw 40 pictures that no training has seen into ``folder`` by class."""
    from PIL import Image

    from synthetic import draw

    for number in range(40):
        drawing = draw(5_000_000 + number, positive=number % 2 == 0)
        name = "trypophobia" if drawing.positive else "normal"
        Image.fromarray(drawing.pixels).save(folder / name / f"{number}.png")
