"""What models say of picture files in the reader's browser, from the encoded bytes on."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.browser.chromium import ask_page

# Decoding, resizing and running of one picture by one model, on the slowest machine that is waited for.
SECONDS_A_PICTURE = 0.5


def judge_in_chromium(bundles: Sequence[Path], pictures: Sequence[Path]) -> list[NDArray[np.float64]]:
    """Return what every model says of every picture, [n, classes] for each of ``bundles``, in headless Chromium.

    ``bundles`` are folders with at least what a browser reads. Every picture is decoded once and judged by all.
    Raises InputError: no Chromium, or a picture that it cannot read.
    """
    models = {f"model-{number}": bundle for number, bundle in enumerate(bundles)}
    files = {f"picture-{number}": picture for number, picture in enumerate(pictures)}
    answer = ask_page(
        "judge.html",
        {"models": list(models), "pictures": list(files)},
        {**models, **files},
        seconds=60 + SECONDS_A_PICTURE * len(bundles) * len(pictures),
    )
    return [np.array(found, np.float64).reshape(len(files), -1) for found in answer["probabilities"]]
