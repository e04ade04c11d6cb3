"""A build carries the released model, unless training has installed another, and never a damaged one."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.packaging.source import build, copy_source, give_model


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a copy of the extension's source, with a released model that is no network."""
    folder = copy_source(tmp_path)
    (folder / "model" / "RELEASES.md").write_text("for people")
    return folder


def edit(folder: Path, **changes: object) -> None:
    manifest = folder / "bundle.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | changes))


def test_a_fresh_clone_gets_the_released_model_and_the_next_release_after_it(source: Path):
    assert build(source).returncode == 0
    assert {path.name for path in (source / "dist" / "model").iterdir()} == {"bundle.json", "model.json"}

    give_model(source / "model", b'{"newer": true}', released={})
    assert build(source).returncode == 0
    assert (source / "dist" / "model" / "model.json").read_bytes() == b'{"newer": true}'


def test_a_model_that_training_has_installed_stays(source: Path):
    give_model(source / "dist" / "model", b'{"trained": true}')

    assert build(source).returncode == 0

    assert (source / "dist" / "model" / "model.json").read_bytes() == b'{"trained": true}'


def test_a_damaged_released_model_fails_the_build(source: Path):
    (source / "model" / "model.json").write_bytes(b"{ }")

    done = build(source)

    assert done.returncode != 0
    assert "model/model.json is not the file that was released" in done.stderr
    assert not (source / "dist" / "model").exists()


@pytest.mark.parametrize(
    ("parity", "words"),
    [
        (None, "parity was not measured on this model.json: let `flinch release` measure"),
        ({"files": {}}, "parity was not measured on this model.json"),
        ({"files": {"model.json": "00"}}, "parity was not measured on this model.json"),
        ({"files": {"model.json": sha256(b"{}").hexdigest(), "gone.bin": "00"}}, "not measured on this gone.bin"),
        ({"tfjs": 0.02}, "parity is not within its bound"),
        ({"saved_model": 0.02}, "parity is not within its bound"),
        ({"tfjs": None, "bound": None}, "parity is not within its bound"),
        ({"pictures": 0}, "parity is not within its bound"),
    ],
)
def test_a_released_model_whose_parity_was_not_measured_on_it_fails_the_build(
    source: Path, parity: dict | None, words: str
):
    measured = json.loads((source / "model" / "bundle.json").read_text())["parity"]
    edit(source / "model", parity=parity and measured | parity)

    done = build(source)

    assert done.returncode != 0
    assert words in done.stderr
    assert not (source / "dist").exists()
