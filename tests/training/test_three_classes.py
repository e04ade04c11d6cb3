"""A concept may have more than two classes: the positive one is told from all the others taken together."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.bundle import load_bundle
from inference.predictor import Predictor
from tests.pictures import encoded, noise
from tests.trained import ROOT, flinch

THREE = ROOT / "tests" / "journey" / "three.toml"
TINTS = {"meadow": (0.1, 1.0, 0.1), "rust": (1.0, 0.1, 0.1), "sky": (0.1, 0.1, 1.0)}
COUNTS = {"train": 12, "val": 4, "test": 4}


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Write noise in three tints, in a folder a split and a class."""
    for place, (name, tint) in enumerate(TINTS.items()):
        for at, (split, count) in enumerate(COUNTS.items()):
            (tmp_path / "tints" / split / name).mkdir(parents=True)
            for number in range(count):
                tinted = np.asarray(noise(1000 * place + 100 * at + number)) * np.array(tint)
                file = tmp_path / "tints" / split / name / f"{number}.png"
                file.write_bytes(encoded(Image.fromarray(tinted.astype(np.uint8))))
    return tmp_path / "tints"


def test_a_training_of_three_classes_ends_in_a_bundle_that_tells_the_positive_one_apart(
    pictures: Path, tmp_path: Path
):
    home = tmp_path / "home"
    imported = flinch(home, "import", pictures, "--concept", THREE)
    assert imported.returncode == 0, imported.stderr

    trained = flinch(home, "train", "--concept", THREE, "--extension", tmp_path, "--json")

    assert trained.returncode == 0, trained.stderr
    bundle = load_bundle(Path(json.loads(trained.stdout)["bundle"]))
    assert json.loads((bundle.path / "bundle.json").read_text())["classes"] == ["meadow", "rust", "sky"]
    # Three tints of one count: the cut was chosen on one class against the other two.
    assert (bundle.metrics["test"]["n"], bundle.metrics["test"]["positives"]) == (12, 4)
    held_out = {name: sorted((pictures / "test" / name).iterdir()) for name in TINTS}
    found = {name: Predictor(bundle).score_files(files).probabilities for name, files in held_out.items()}
    said = np.concatenate(list(found.values()))
    assert said.shape == (12, 3)
    assert said.sum(axis=1) == pytest.approx(1, abs=1e-5)
    others = np.concatenate([found["meadow"], found["sky"]])
    assert found["rust"][:, 1].min() > others[:, 1].max()
    # The other two are told from each other as well.
    assert found["meadow"][:, 0].mean() > found["sky"][:, 0].mean()
