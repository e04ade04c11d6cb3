"""What a browser runs answers the same in Python: a released model can be measured without a training."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.bundle import BROWSER, Bundle, load_bundle
from inference.preprocess import preprocess
from store.errors import InputError
from store.home import Home
from tests.trained import ROOT
from training.exporting.browser_model import load_browser_model, predictor_of
from training.exporting.golden import draw_golden
from training.exporting.parity import browser_probabilities

RELEASED = ROOT / "extension" / "model"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a copy of the released model's folder."""
    return Path(shutil.copytree(RELEASED, tmp_path / "model"))


def test_an_exported_model_of_the_browsers_answers_what_its_bundle_recorded(exported: Bundle):
    size = exported.input.size
    pixels = np.stack([preprocess((exported.path / golden.file).read_bytes(), size) for golden in exported.golden])

    found = load_browser_model(exported.path)(pixels)

    recorded = np.array([golden.probabilities for golden in exported.golden])
    assert found == pytest.approx(recorded, abs=exported.parity.bound)


def test_the_released_model_answers_in_python_what_it_answers_in_tfjs(copied: Path, tmp_path: Path):
    golden = draw_golden(tmp_path / "golden", 6)
    manifest = json.loads((copied / "bundle.json").read_text())
    manifest["golden"] = [{"file": str(Path("..") / "golden" / path.name)} for path in golden]
    (copied / "bundle.json").write_text(json.dumps(manifest))

    found = predictor_of(load_bundle(RELEASED, BROWSER)).score_files(golden).probabilities

    assert np.ptp(found[:, 1]) > 0.1
    assert found == pytest.approx(browser_probabilities(copied), abs=1e-5)


@pytest.mark.parametrize(
    "damage",
    [
        lambda model: model.pop("signature"),
        lambda model: model["modelTopology"]["node"].pop(),
        lambda model: model["weightsManifest"][0]["weights"].pop(),
        lambda model: model["modelTopology"].update(node=[{"name": "pixels", "op": "Unheard", "colour": 1}]),
    ],
)
def test_a_graph_that_cannot_be_run_is_refused_in_one_line(copied: Path, damage: Callable[[Any], Any]):
    model = json.loads((copied / "model.json").read_text())
    damage(model)
    (copied / "model.json").write_text(json.dumps(model))

    with pytest.raises(InputError, match="no model of a browser's that can be read") as refused:
        load_browser_model(copied)

    assert str(copied) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("onednn", ["0", "1"])
def test_the_command_scores_a_labelled_folder_with_the_released_model_by_either_kind_of_kernels(
    run_flinch: Callable[..., Any], home: Home, tmp_path: Path, onednn: str
):
    for number, path in enumerate(draw_golden(tmp_path / "drawn", 6)):
        target = tmp_path / "photos" / ("normal", "trypophobia")[number % 2] / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)

    told = run_flinch("evaluate", tmp_path / "photos", "--bundle", RELEASED, env={"TF_ENABLE_ONEDNN_OPTS": onednn})

    assert told.rc == 0, told.stderr
    assert told.stdout.startswith("bundle     trypophobia-")
    assert "(released: the model of the browser)" in told.stdout
    assert "pictures               6" in told.stdout


def test_a_released_model_cannot_be_attacked_and_says_why(run_flinch: Callable[..., Any], home: Home):
    told = run_flinch("evaluate", "--bundle", RELEASED, "--adversarial")

    assert told.rc == 4
    assert "has no model.keras, whose gradients an attack follows" in told.stderr
