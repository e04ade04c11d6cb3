"""Networks for tests: as small as the real ones come, with seeded weights that nobody trained."""

from itertools import pairwise
from pathlib import Path

import numpy as np

from inference.bundle import BackboneFacts
from training.backbones import build
from training.convolutions import Convolution, write_archive
from training.export import Draft
from training.registries import file_sha256
from training.weights import Pretrained

SIZE = 32
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
    head = model.get_layer("probabilities")
    kernel, bias = head.get_weights()
    head.set_weights([np.random.default_rng(1).normal(0, 3, kernel.shape), bias])
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
