"""A bundle whose model is one line: the brighter a picture, the more positive. Reading and resizing are real."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.bundle import BackboneFacts, Bundle, InputContract, Parity
from inference.predictor import Predictor, Serve

CLASSES = ("normal", "trypophobia")


def brightness(folder: Path, threshold: float = 0.5) -> Predictor:
    """Return the predictor of that bundle, which is told to lie in ``folder``; no file is written."""
    bundle = Bundle(
        path=folder,
        id="brightness-0",
        concept="brightness",
        created_at="2026-11-20T07:30:00Z",
        classes=CLASSES,
        positive="trypophobia",
        input=InputContract(16),
        backbone=BackboneFacts("brightness", 1.0, "none"),
        threshold={
            "value": threshold,
            "interval": [threshold - 0.1, threshold + 0.1],
            "contract": "precision >= 0.9",
            "met": True,
            "n": 100,
            "positives": 50,
            "strictness": {"lenient": 0.9, "balanced": threshold, "strict": 0.1},
        },
        metrics={},
        snapshot_id="0" * 64,
        quantization="none",
        parity=Parity(0.01, 0, 0.0, 0.0),
        golden=(),
    )
    return Predictor(bundle, _load)


def _load(_: Path) -> Serve:
    def answer(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        bright = pixels.mean(axis=(1, 2, 3)) / 255
        return np.stack([1 - bright, bright], axis=1).astype(np.float32)

    return answer
