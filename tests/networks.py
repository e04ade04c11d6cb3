"""Networks for tests: as small as the real ones come, with seeded weights that nobody trained."""

from itertools import pairwise
from pathlib import Path

import numpy as np

from inference.bundle import BackboneFacts
from training.exporting.export import Draft
from training.networks.backbones import build, embedder
from training.networks.convolutions import Convolution, write_archive
from training.networks.heads import HEAD
from training.networks.registries import file_sha256
from training.networks.weights import Pretrained

SIZE = 32
# A file of an earlier bundle, in the way of a new one.
OLDER = "older.txt"
CLASSES = ("normal", "trypophobia")


def small_weights(folder: Path, seed: int = 0) -> Pretrained:
    """Write an archive that fits MobileNet v1 at alpha .25, scaled so that activations keep their size."""
    rng = np.random.default_rng(seed)
    widths = [8, 16, 32, 32, 64, 64, *[128] * 6, 256, 256]
    shapes = {"conv1": (3, 3, 3, 8)}
    for block, (before, after) in enumerate(pairwise(widths), 1):
        shapes |= {f"conv_dw_{block}": (3, 3, before, 1), f"conv_pw_{block}": (1, 1, before, after)}
    path = folder / "weights.npz"
    write_archive(path, {name: _convolution(rng, shape) for name, shape in shapes.items()})
    return Pretrained("cache", "this test", path, file_sha256(path), "mobilenet_v1", 0.25)


def small_model(folder: Path, size: int = SIZE):
    """Build a network whose probabilities differ from picture to picture."""
    model = build("mobilenet_v1", 0.25, size, len(CLASSES), small_weights(folder))
    rng = np.random.default_rng(1)
    pictures = rng.integers(0, 256, (16, 1, 1, 3)) * rng.uniform(0.5, 1, (16, size, size, 1))
    embeddings = np.asarray(embedder(model)(pictures.astype(np.float32)))
    # Untrained features hardly differ: the head looks along the direction in which they do.
    middle = embeddings.mean(axis=0)
    direction = np.linalg.svd(embeddings - middle)[2][0]
    direction *= 2 / (embeddings @ direction).std()
    model.get_layer(HEAD).set_weights(
        [np.stack([-direction, direction], axis=1) / 2, np.array([middle @ direction, -middle @ direction]) / 2]
    )
    return model


def small_draft() -> Draft:
    """Say what a bundle of `small_model` would say."""
    return Draft(
        id="trypophobia-00000000-test",
        concept="trypophobia",
        created_at="2026-11-20T07:00:00Z",
        classes=CLASSES,
        positive="trypophobia",
        backbone=BackboneFacts("mobilenet_v1", 0.25, "this test"),
        threshold={"value": 0.5, "contract": "precision >= 0.97", "met": False},
        metrics={"val": {"n": 0}},
        snapshot_id="0" * 64,
    )


def _convolution(rng: np.random.Generator, shape: tuple[int, ...]) -> Convolution:
    depthwise = shape[-1] == 1
    inputs = np.prod(shape[:2]) if depthwise else np.prod(shape[:3])
    outputs = shape[2] if depthwise else shape[3]
    kernel = rng.normal(0, np.sqrt(2 / inputs), shape).astype(np.float32)
    return Convolution(kernel, rng.normal(0, 0.1, outputs).astype(np.float32))
