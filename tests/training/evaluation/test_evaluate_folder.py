"""A labelled folder is measured as a split is, and tells the threshold that keeps a contract on it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from inference.predictor import Predictor
from store.errors import ConfigError, InputError
from store.home import Home
from tests.fakes.brightness import CLASSES, brightness
from tests.pictures import encoded
from tests.trained import ROOT
from training.evaluation.evaluate import measure
from training.evaluation.evaluate_folder import evaluate_folder
from training.evaluation.evaluation_table import folder_lines
from training.evaluation.labelled_folder import score_folder

NORMALS = (10, 20, 30, 40, 50, 60, 70, 80, 90, 150)
POSITIVES = (85, 100, 110, 120, 130, 155, 160, 170, 180, 190)


@pytest.fixture
def predictor(tmp_path: Path) -> Predictor:
    return brightness(tmp_path / "bundle", threshold=0.5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with ten grey pictures a class, of the brightness that ``NORMALS`` and ``POSITIVES`` say."""
    for name, levels in zip(CLASSES, (NORMALS, POSITIVES), strict=True):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for level in levels:
            grey = Image.new("RGB", (24, 24), (level,) * 3)
            (tmp_path / "pictures" / name / f"{level}.png").write_bytes(encoded(grey))
    return tmp_path / "pictures"


def test_a_folder_gets_intervals_levels_and_the_word_on_the_bundles_contract(predictor: Predictor, folder: Path):
    found = evaluate_folder(predictor, folder)

    assert (found.split.name, found.split.metrics.n, found.split.metrics.positives) == (str(folder), 20, 10)
    # At 0.5 and above lie 130, 155 to 190, and of the normal ones 150.
    assert (found.split.precision.value, found.split.recall.value) == (pytest.approx(6 / 7), 0.6)
    assert found.split.recall.interval.low < 0.6 < found.split.recall.interval.high
    assert found.split.contract_kept is False
    assert [level.name for level in found.split.levels] == ["lenient", "balanced", "strict"]
    assert found.own is None


def test_the_json_keeps_the_plain_metrics_and_has_the_evaluation_beside_them(predictor: Predictor, folder: Path):
    (folder / "normal" / "notes.jpg").write_bytes(b"shopping list: eggs, bread, coffee beans")
    scored = score_folder(predictor, folder, CLASSES)

    told = json.loads(json.dumps(evaluate_folder(predictor, folder).as_json()))

    plain = measure(scored.labels == 1, scored.probabilities[:, 1], 0.5).as_json()
    assert {key: told[key] for key in plain} == plain
    assert told["skipped"] == {"not_an_image": 1}
    assert told["evaluation"]["threshold"]["contract"] == "precision >= 0.9"
    assert told["evaluation"]["splits"][0]["recall"]["interval"]
    assert told["own_threshold"] is None


@pytest.mark.parametrize(
    ("contract", "between", "precision", "recall"),
    [
        ("precision >= 0.9", (90, 100), 0.9, 0.9),
        ("recall >= 1", (80, 85), 10 / 12, 1.0),
        ("fpr <= 0", (150, 155), 1.0, 0.5),
    ],
)
def test_a_contract_gives_the_threshold_that_keeps_it_there_with_its_interval(
    predictor: Predictor, folder: Path, contract: str, between: tuple[int, int], precision: float, recall: float
):
    own = evaluate_folder(predictor, folder, contract).own

    assert own.threshold.met
    assert between[0] < 255 * own.threshold.value < between[1]
    assert own.threshold.interval.low <= own.threshold.value <= own.threshold.interval.high
    assert own.measured.precision.value == pytest.approx(precision)
    assert own.measured.recall.value == pytest.approx(recall)
    assert own.as_json()["chosen_on"] == str(folder)
    assert own.as_json()["recall"]["interval"]


def test_the_own_threshold_stands_beside_the_bundles_and_is_said_to_be_flattered(
    predictor: Predictor, folder: Path
):
    (folder / "normal" / "notes.jpg").write_bytes(b"shopping list: eggs, bread, coffee beans")

    lines = folder_lines(evaluate_folder(predictor, folder, "precision >= 0.9"))

    [theirs] = [line for line in lines if line.startswith("the bundle's")]
    [own] = [line for line in lines if line.startswith("chosen here  ")]
    assert theirs.split()[2:8] == ["precision", ">=", "0.9", "0.5", "[0.4,", "0.6]"]
    assert own.split()[2:5] == ["precision", ">=", "0.9"]
    assert "chosen here: on these very pictures, so expect less of it on others" in lines
    assert lines[-1] == "skipped    1 not an image"


def test_a_contract_that_no_threshold_keeps_is_refused_with_the_nearest(predictor: Predictor, folder: Path):
    grey = encoded(Image.new("RGB", (24, 24), (250,) * 3))
    (folder / "normal" / "brightest.png").write_bytes(grey)

    words = r"no threshold keeps precision >= 0.99 on its 21 pictures; the nearest, 0\."
    with pytest.raises(InputError, match=words) as refused:
        evaluate_folder(predictor, folder, "precision >= 0.99")

    assert str(refused.value).startswith(f"{folder}: ")
    assert str(refused.value).endswith("; ask for less, or look at its labels again")


@pytest.mark.parametrize("contract", ["", "precision > 0.97", "recall >= 97"])
def test_a_contract_that_cannot_be_read_is_refused_before_anything_is_scored(predictor: Predictor, contract: str):
    with pytest.raises(ConfigError, match=r"^--contract: cannot read .*; write one of 'precision >= 0\.97'"):
        evaluate_folder(predictor, Path("nowhere"), contract)


def test_the_command_takes_a_contract_for_a_folder_only(run_flinch: Callable[..., Any], home: Home, folder: Path):
    released = ROOT / "extension" / "model"

    told = run_flinch("evaluate", folder, "--bundle", released, "--contract", "recall >= 0.9", "--json")
    without = run_flinch("evaluate", "--contract", "recall >= 0.9")

    assert told.rc == 0, told.stderr
    assert json.loads(told.stdout)["own_threshold"]["recall"]["value"] >= 0.9
    assert json.loads(told.stdout)["bundle"].startswith("trypophobia-")
    assert without.rc == 2
    assert "name their FOLDER" in without.stderr
