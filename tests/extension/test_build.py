"""A build carries the released model, unless training has installed another, and never a damaged one."""

import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from tests.extension.conftest import ROOT
from training.exporting.node import find_node

SOURCES = ("src", "public", "tools", "build.mjs", "package.json", "tsconfig.json")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a copy of the extension's source, with a released model that is no network."""
    for name in SOURCES:
        original = ROOT / "extension" / name
        copy = shutil.copytree if original.is_dir() else shutil.copy
        copy(original, tmp_path / name)
    (tmp_path / "node_modules").symlink_to(ROOT / "extension" / "node_modules")
    give_model(tmp_path / "model", b"{}", released={})
    (tmp_path / "model" / "RELEASES.md").write_text("for people")
    return tmp_path


def give_model(folder: Path, network: bytes, **more: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").write_bytes(network)
    manifest = {"files": {"model.json": sha256(network).hexdigest()}, **more}
    (folder / "bundle.json").write_text(json.dumps(manifest))


def build(source: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(find_node()), "build.mjs"], cwd=source, capture_output=True, text=True, timeout=120, check=False
    )


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
