"""From a trained network to a bundle: converted, compared, and only then there."""

import contextlib
import json
import logging
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from inference.bundle import (
    FORMAT,
    KERAS,
    MANIFEST,
    BackboneFacts,
    Bundle,
    Golden,
    InputContract,
    load_bundle,
    write_bundle,
)
from inference.predictor import SAVED_MODEL
from inference.preprocess import preprocess
from store.errors import GateError
from store.folders import replace_folder
from store.home import storage_error
from training.exporting import parity
from training.exporting.golden import draw_golden
from training.exporting.padding import fold_padding
from training.exporting.saved_model import tensorflow_writes, write_saved_model
from training.networks.fold import fold_batch_normalization
from training.networks.rescaling import fold_rescaling
from training.toolchain.converter import convert

if TYPE_CHECKING:
    import keras

log = logging.getLogger(__name__)

GOLDEN = "golden"


@dataclass(frozen=True)
class Draft:
    """What a bundle says of itself, besides what the export finds out (see inference/bundle.py)."""

    id: str
    concept: str
    created_at: str
    classes: tuple[str, ...]
    positive: str
    backbone: BackboneFacts
    threshold: Mapping[str, Any]
    metrics: Mapping[str, Mapping[str, Any]]
    snapshot_id: str
    quantization: str = "uint16"


def export_bundle(
    model: "keras.Model",
    draft: Draft,
    destination: Path,
    *,
    golden_pictures: int = 24,
    parity_bound: float = 0.01,
    parity_script: Path = parity.SCRIPT,
) -> Bundle:
    """Write the bundle of a trained network into the folder `destination`, replacing one that is there.

    The folder appears by one rename after the parity gate has passed; until then nothing does. `model` takes
    float32 [n, size, size, 3], RGB 0..255, and answers probabilities in the order of `draft.classes`.
    Raises GateError (nothing appears, an older bundle stays) and StoreError (the disk is full or read-only).
    """
    with _workspace(destination) as folder:
        _write_models(model, folder, draft.quantization)
        golden = draw_golden(folder / GOLDEN, golden_pictures)
        contract = InputContract(size=model.input_shape[1])
        pixels = np.stack([preprocess(path.read_bytes(), contract.size) for path in golden])
        expected = np.asarray(model(pixels.astype(np.float32), training=False))
        kept = tuple(
            Golden(f"{GOLDEN}/{path.name}", tuple(row)) for path, row in zip(golden, expected.tolist(), strict=True)
        )
        _write_unfinished(folder, draft, contract, kept)
        try:
            passed = parity.gate(folder, folder / SAVED_MODEL, pixels, expected, parity_bound, parity_script)
        except GateError as error:
            raise GateError(f"{error}; no bundle was made") from error
        fields = {name: getattr(draft, name) for name in Draft.__dataclass_fields__}
        write_bundle(Bundle(path=folder, **fields, input=contract, golden=kept, parity=passed))
        replace_folder(destination, folder)
    return load_bundle(destination)


def _write_models(model: "keras.Model", folder: Path, quantization: str) -> None:
    """Write the network in its three forms: for the next training, for Python, for the browser."""
    import keras

    begun = time.perf_counter()
    # A model around the same layers, without the optimizer, whose state is twice as large as the weights.
    bare = keras.Model(model.input, model.output, name=model.name)
    with tensorflow_writes(folder.parent):
        bare.save(folder / KERAS)
        folded = fold_rescaling(fold_batch_normalization(bare))
        write_saved_model(folded, folder / SAVED_MODEL)
        convert(folder / SAVED_MODEL, folder, quantization)
        fold_padding(folder)
    log.info("model exported seconds=%.1f", time.perf_counter() - begun)


def _write_unfinished(folder: Path, draft: Draft, contract: InputContract, golden: tuple[Golden, ...]) -> None:
    """Write as much of the manifest as the extension's judge reads; the whole one replaces it."""
    known = {"classes": draft.classes, "input": asdict(contract), "golden": [asdict(item) for item in golden]}
    (folder / MANIFEST).write_text(json.dumps({"format": FORMAT, **known}), encoding="utf-8")


@contextlib.contextmanager
def _workspace(destination: Path) -> Iterator[Path]:
    """Give an empty hidden folder beside the destination; it goes at the end, or after a kill with the next try."""
    folder = destination.parent / f".{destination.name}.draft"
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        yield folder
    except OSError as error:
        raise storage_error(error, destination.parent) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
