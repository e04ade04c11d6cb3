"""One set of pictures through every stage, by the commands that a person types."""

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from inference.bundle import load_bundle
from tests.fakes.image_host import ImageHost
from tests.trained import FLINCH, ROOT, TINY, Road

PHOTOGRAPHS = ROOT.parent / "shared" / "data" / "trypophobia" / "val"


def test_a_training_ends_in_a_bundle_a_report_and_an_extension_that_carries_the_model(road: Road):
    bundle = load_bundle(Path(road.outcome["bundle"]))

    assert bundle.metrics["test"]["auc"] > 0.8
    assert bundle.parity.tfjs <= bundle.parity.bound
    assert Path(road.outcome["report"]).read_text().startswith("<!DOCTYPE html>")
    assert json.loads((road.extension / "model" / "bundle.json").read_text())["id"] == bundle.id
    assert not list((road.extension / "model").rglob("*.png"))


def test_training_again_with_nothing_new_reuses_the_run(road: Road):
    begun = time.perf_counter()
    again = road.flinch("train", "--concept", TINY, "--extension", road.extension, "--json")

    assert json.loads(again.stdout) == road.outcome | {"reused": True}
    assert time.perf_counter() - begun < 60


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


def test_a_round_is_made_listed_and_answered(road: Road):
    assert road.flinch("label", "round", "--concept", TINY).returncode == 0

    listed = json.loads(road.flinch("label", "list", "--concept", TINY, "--json").stdout)
    items = listed["items"] if isinstance(listed, dict) else listed
    answered = road.flinch("label", "set", items[0]["sha256"][:12], "normal", "--by", "ada", "--concept", TINY)

    assert 0 < len(items) <= 30
    assert answered.returncode == 0, answered.stderr
    assert "normal" in answered.stdout


@pytest.fixture
def service(road: Road) -> Iterator[str]:
    """Run the feedback service on the road's store."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"FLINCH_HOME": str(road.home), "PATH": "/usr/bin:/bin"}
    command = [str(FLINCH), "serve", "--port", str(port), "--allow-private-hosts", "--concept", str(TINY)]
    server = subprocess.Popen(command, env=settings, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            if requests.get(f"{url}/readyz", timeout=1).ok:
                break
        except requests.ConnectionError:
            time.sleep(0.1)
    yield url
    server.terminate()
    server.wait(20)


def test_a_readers_report_comes_back_as_a_quarantined_candidate(road: Road, service: str):
    before = json.loads(road.flinch("snapshot", "--concept", TINY, "--json").stdout)

    with ImageHost() as host:
        report = {"url": host.url("/good.png"), "verdict": "trypophobia"}
        reported = requests.post(f"{service}/v1/feedback", json=report, timeout=10)
        crawled = road.flinch("crawl", "feedback", "--allow-private", "--concept", TINY)

    status = json.loads(road.flinch("status", "--concept", TINY, "--json").stdout)
    after = json.loads(road.flinch("snapshot", "--concept", TINY, "--json").stdout)
    assert reported.status_code == 201
    assert crawled.returncode == 0, crawled.stderr
    assert status["quarantined"] == 1
    # Quarantined: the picture is in the store, and no snapshot holds it.
    assert after["id"] == before["id"]


def test_photographs_are_imported_beside_the_drawings(road: Road, tmp_path: Path):
    if not PHOTOGRAPHS.is_dir():
        pytest.skip(f"the photographs are not here: {PHOTOGRAPHS.parent.name} lies beside the project in CI only")
    for name in ("normal", "trypophobia"):
        (tmp_path / name).mkdir()
        for photograph in sorted((PHOTOGRAPHS / name).iterdir())[:10]:
            shutil.copy(photograph, tmp_path / name)
    before = json.loads(road.flinch("status", "--concept", TINY, "--json").stdout)["images"]

    imported = road.flinch("import", tmp_path, "--name", "photographs", "--concept", TINY, "--json")

    assert imported.returncode == 0, imported.stderr
    assert json.loads(road.flinch("status", "--concept", TINY, "--json").stdout)["images"] == before + 20
    assert re.search(r"photographs", road.flinch("status", "--concept", TINY).stdout)


def export_drawn(folder: Path) -> None:
    """Draw 40 pictures that no training has seen into ``folder`` by class."""
    from PIL import Image

    from synthetic import draw

    for number in range(40):
        drawing = draw(5_000_000 + number, positive=number % 2 == 0)
        name = "trypophobia" if drawing.positive else "normal"
        Image.fromarray(drawing.pixels).save(folder / name / f"{number}.png")
