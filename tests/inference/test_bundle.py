"""What a bundle's folder must be to be believed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from inference.bundle import Bundle, load_bundle
from store.errors import InputError


def edit(folder: Path, **changes: object) -> None:
    manifest = folder / "bundle.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | changes))


def levels(lenient: object, balanced: object, strict: object) -> dict[str, object]:
    return {"value": 0.6, "strictness": {"lenient": lenient, "balanced": balanced, "strict": strict}}


def test_what_was_written_is_what_is_read(bundle_template: Bundle, bundle_folder: Path):
    found = load_bundle(bundle_folder)

    assert found == replace(bundle_template, path=bundle_folder)
    assert found.positive_index == 1
    assert found.threshold_value == 0.6


def test_the_manifest_names_every_file_but_itself(bundle_folder: Path):
    files = json.loads((bundle_folder / "bundle.json").read_text())["files"]

    there = {path.relative_to(bundle_folder).as_posix() for path in bundle_folder.rglob("*") if path.is_file()}
    assert set(files) == there - {"bundle.json"}


@pytest.mark.parametrize("name", ["model.json", "model.keras", "saved_model/saved_model.pb"])
def test_a_changed_file_is_refused_by_its_name(bundle_folder: Path, name: str):
    (bundle_folder / name).write_bytes((bundle_folder / name).read_bytes() + b" ")

    with pytest.raises(InputError, match=name):
        load_bundle(bundle_folder)


def test_a_missing_file_is_refused_by_its_name(bundle_folder: Path):
    (bundle_folder / "model.keras").unlink()

    with pytest.raises(InputError, match=r"model\.keras is missing"):
        load_bundle(bundle_folder)


def test_a_manifest_that_hides_a_changed_file_is_refused(bundle_folder: Path):
    (bundle_folder / "model.json").write_text("{ }")
    edit(bundle_folder, files={})

    with pytest.raises(InputError, match=r"model\.json"):
        load_bundle(bundle_folder)


def test_a_parity_that_was_measured_on_another_file_is_refused_by_its_name(bundle_folder: Path):
    measured = {"bound": 0.01, "pictures": 1, "saved_model": 0.0, "tfjs": 0.0, "files": {"model.json": "00"}}
    edit(bundle_folder, parity=measured)

    with pytest.raises(InputError, match=r"its parity was measured on another model\.json"):
        load_bundle(bundle_folder)


def test_a_file_that_the_manifest_does_not_name_does_no_harm(bundle_folder: Path):
    (bundle_folder / ".DS_Store").write_bytes(b"left by a file manager")

    assert load_bundle(bundle_folder).concept == "trypophobia"


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path: Path):
    with pytest.raises(InputError, match=r"no bundle .*flinch train"):
        load_bundle(tmp_path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 2}, "format 2 where this version reads 1"),
        ({"positive": "cats"}, "positive 'cats' is none of its classes"),
        ({"input": {"size": 32, "range": [0, 255], "resize": "nearest"}}, "input.resize 'nearest' is unknown"),
        ({"input": {"size": 32}}, "the key 'range' is missing"),
        ({"threshold": {"value": None}}, "a key is not what it should be"),
        ({"parity": {"limit": 1}}, "a key is not what it should be"),
        ({"classes": None}, "a key is not what it should be"),
        ({"threshold": {"value": 0.6, "strictness": {"lenient": 0.9}}}, "threshold.strictness is not lenient >="),
        ({"threshold": levels(0.5, 0.6, 0.4)}, "threshold.strictness is not lenient >="),
        ({"threshold": levels(0.9, 0.7, 0.4)}, "threshold.strictness is not lenient >="),
        ({"threshold": levels(0.9, 0.6, None)}, "threshold.strictness is not lenient >="),
        ({"threshold": {"value": 0.6, "strictness": [0.9, 0.6, 0.4]}}, "threshold.strictness is not lenient >="),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused_in_one_line(bundle_folder: Path, changes: dict, words: str):
    edit(bundle_folder, **changes)

    with pytest.raises(InputError) as refused:
        load_bundle(bundle_folder)

    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"bundle"'])
def test_a_manifest_that_is_no_object_is_refused(bundle_folder: Path, text: str):
    (bundle_folder / "bundle.json").write_text(text)

    with pytest.raises(InputError, match=r"bundle\.json"):
        load_bundle(bundle_folder)
