"""A trained network becomes a bundle, or nothing does."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.bundle import KERAS, Bundle, load_bundle
from inference.predictor import SAVED_MODEL, Predictor
from store.errors import GateError, StoreError
from tests.networks import OLDER, small_draft, small_model
from training.exporting.export import export_bundle
from training.exporting.parity import browser_probabilities, compare


def test_a_bundle_is_whole_and_agrees_in_three_runtimes(exported: Bundle):
    bundle = load_bundle(exported.path)

    assert bundle.parity.pictures == len(bundle.golden)
    assert bundle.parity.saved_model < 1e-5
    assert bundle.parity.tfjs < bundle.parity.bound
    assert np.allclose([sum(golden.probabilities) for golden in bundle.golden], 1)


def test_the_saved_model_holds_every_weight_once(exported: Bundle):
    weights = sum(file.stat().st_size for file in (exported.path / SAVED_MODEL).glob("variables/*.data-*"))

    assert weights < 1.01 * (exported.path / KERAS).stat().st_size


def test_the_parity_names_the_files_that_it_was_measured_on(exported: Bundle):
    in_the_browser = {"model.json", *(file.name for file in exported.path.glob("*.bin"))}

    assert exported.parity.files == {name: exported.files[name] for name in in_the_browser}


def test_the_golden_probabilities_differ_so_that_agreement_means_something(exported: Bundle):
    positive = [golden.probabilities[1] for golden in exported.golden]

    assert max(positive) - min(positive) > 0.1


def test_golden_pictures_are_of_varied_sizes_and_some_are_transparent(exported: Bundle):
    pictures = [Image.open(exported.path / golden.file) for golden in exported.golden]

    assert {picture.format for picture in pictures} == {"PNG"}
    assert {picture.mode for picture in pictures} == {"RGB", "RGBA"}
    assert len({picture.size for picture in pictures}) > len(pictures) / 2


def test_the_golden_probabilities_can_be_repeated_from_the_files(exported: Bundle):
    files = [exported.path / golden.file for golden in exported.golden]

    found = Predictor(exported).score_files(files).probabilities

    assert found == pytest.approx(np.array([golden.probabilities for golden in exported.golden]), abs=1e-5)


def test_the_kernels_travel_in_half_their_bytes_and_depthwise_ones_unrounded(exported: Bundle):
    manifest = json.loads((exported.path / "model.json").read_text())
    weights = {w["name"]: w for group in manifest["weightsManifest"] for w in group["weights"]}

    quantized = {name for name, weight in weights.items() if "quantization" in weight}

    assert any("convolution" in name for name in quantized)
    assert not any("depthwise" in name for name in quantized)
    whole = sum(4 * np.prod(weight["shape"]) for weight in weights.values())
    assert sum(file.stat().st_size for file in exported.path.glob("*.bin")) < 0.6 * whole


def test_a_bundle_replaces_an_older_one_whole_and_leaves_nothing_beside_it(exported: Bundle):
    assert not (exported.path / OLDER).exists()
    assert [path.name for path in exported.path.parent.glob(".*")] == []


def test_beyond_the_bound_nothing_appears_and_the_older_bundle_stays(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    destination = tmp_path / "bundle"
    destination.mkdir()
    (destination / OLDER).write_text("of an older bundle")

    with pytest.raises(GateError, match=r"TF\.js \(wasm\) differs from Keras by .* more than 1e-05"):
        export_bundle(small_model(tmp_path), small_draft(), destination, golden_pictures=4, parity_bound=1e-5)

    assert [path.name for path in destination.iterdir()] == [OLDER]
    assert [path.name for path in tmp_path.glob(".*")] == []
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (None, r"parity\.mjs is missing; run `make extension`"),
        ("console.error('parity: no backend'); process.exitCode = 1", r"TF\.js failed \(parity: no backend\)"),
        ("console.log('hello')", "gave no answer that can be read"),
        ("", "gave no answer that can be read"),
        ("console.log(JSON.stringify({probabilities: [[NaN, 1]]}))", "differs from Keras by nan"),
    ],
)
def test_a_browser_that_does_not_answer_is_refused_in_one_line(
    exported: Bundle, tmp_path: Path, script: str | None, words: str
):
    judge = tmp_path / "parity.mjs"
    if script is not None:
        judge.write_text(script)

    with pytest.raises(GateError, match=words) as refused:
        found = browser_probabilities(exported.path, judge)
        compare("TF.js (wasm)", found, np.full((1, 2), 0.5), 0.01)

    assert "\n" not in str(refused.value)


def test_a_probability_that_is_no_number_is_never_close_enough():
    expected = np.full((3, 2), 0.5)
    found = expected.copy()
    found[1] = np.nan

    with pytest.raises(GateError, match="by nan on golden picture 1"):
        compare("SavedModel", found, expected, 1.0)


def test_the_difference_that_is_reported_is_the_largest():
    expected = np.full((3, 2), 0.5)

    assert compare("SavedModel", expected + np.array([[0.001], [0.003], [0.002]]), expected, 0.01) == pytest.approx(
        0.003
    )


def test_a_folder_that_cannot_be_written_is_a_store_error(tmp_path: Path):
    (tmp_path / "bundles").write_text("a file where the folder should be")

    with pytest.raises(StoreError, match="bundles"):
        export_bundle(small_model(tmp_path), small_draft(), tmp_path / "bundles" / "one", golden_pictures=4)
