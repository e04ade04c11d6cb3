"""A bundle whose network is one dense layer: enough for everything that is not about networks."""

import shutil
from pathlib import Path

import pytest

from inference.bundle import BackboneFacts, Bundle, Golden, InputContract, Parity, write_bundle


@pytest.fixture(scope="session")
def bundle_template(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Return a bundle of this session, to be copied."""
    import keras

    folder = tmp_path_factory.mktemp("bundle")
    keras.utils.set_random_seed(1)
    layers = [
        keras.Input((32, 32, 3)),
        keras.layers.Rescaling(1 / 127.5, -1.0),
        keras.layers.Flatten(),
        keras.layers.Dense(2, activation="softmax"),
    ]
    model = keras.Sequential(layers)
    model.save(folder / "model.keras")
    model.export(folder / "saved_model", format="tf_saved_model", verbose=False)
    (folder / "model.json").write_text("{}")
    return write_bundle(
        Bundle(
            path=folder,
            id="trypophobia-00000000-dense",
            concept="trypophobia",
            created_at="2026-11-20T07:00:00Z",
            classes=("normal", "trypophobia"),
            positive="trypophobia",
            input=InputContract(size=32),
            backbone=BackboneFacts("dense", 1.0, "this test"),
            threshold={"value": 0.6, "met": True},
            metrics={"val": {"n": 3, "auc": None}},
            snapshot_id="0" * 64,
            quantization="uint16",
            parity=Parity(0.01, 1, 0.0, 0.0),
            golden=(Golden("golden/00.png", (0.9, 0.1)),),
        )
    )


@pytest.fixture
def bundle_folder(bundle_template: Bundle, tmp_path: Path) -> Path:
    """Return a copy of the bundle's folder that this test may spoil."""
    return Path(shutil.copytree(bundle_template.path, tmp_path / "bundle"))
