"""The extension gets the model's browser files, whole or not at all."""

from pathlib import Path

from inference.bundle import load_bundle
from training.exporting.install import install_into_extension


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
