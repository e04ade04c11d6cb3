"""The extension gets the model's browser files, whole or not at all."""

import json
from pathlib import Path

from inference.bundle import Bundle, load_bundle
from training.exporting.install import download_bytes, install_into_extension


def test_the_model_is_replaced_and_no_picture_comes_along(bundle_dir: Path, tmp_path: Path):
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "of-an-older-model.bin").write_bytes(b"old")

    folder = install_into_extension(load_bundle(bundle_dir), tmp_path)

    names = {path.name for path in (tmp_path / "model").iterdir()}
    assert folder == tmp_path
    assert {"bundle.json", "model.json"} < names
    assert "of-an-older-model.bin" not in names
    assert not any(name.endswith(".png") for name in names)


def test_an_extension_that_was_never_built_is_left_alone(bundle_dir: Path, tmp_path: Path):
    assert install_into_extension(load_bundle(bundle_dir), tmp_path / "dist") is None
    assert not (tmp_path / "dist").exists()


def test_a_browser_downloads_the_network_and_no_picture(exported: Bundle):
    manifest = json.loads((exported.path / "model.json").read_text())
    shards = [name for group in manifest["weightsManifest"] for name in group["paths"]]
    names = ["bundle.json", "model.json", *shards]

    assert download_bytes(exported.path) == sum((exported.path / name).stat().st_size for name in names)
    assert download_bytes(exported.path) < sum(f.stat().st_size for f in Path(exported.path).rglob("*.*")) / 2
