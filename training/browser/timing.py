"""What a picture costs in the reader's browser: TF.js on wasm with SIMD, one thread, in headless Chromium."""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles

from inference.bundle import MANIFEST, InputContract
from store.blobs import write_atomically
from store.locks import locked
from training.browser.chromium import ask_page
from training.identity import reference_id

WARM_UP = 8
RUNS = 40
# Four runs a second is the slowest that a network may be.
SECONDS_A_RUN = 0.25


@dataclass(frozen=True)
class Spread:
    """Milliseconds over all runs: the median, the quartiles that half of the runs lie between, and the fastest.

    What else a machine does only ever adds time, so on a busy one the fastest run says most.
    """

    fastest: float
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Milliseconds:
    """What one picture costs: the network with upload and read-back, and with the resize of a 640 x 480 picture."""

    network: Spread
    with_resize: Spread
    runs: int


def milliseconds(bundles: Sequence[Path], *, runs: int = RUNS, warm_up: int = WARM_UP) -> list[Milliseconds]:
    """Time the models of bundles in one page of headless Chromium, in turns, and return their times in order.

    The extension's own classifier runs them. A bundle need not be finished: `bundle.json` with `classes` and
    `input`, `model.json` and its shards are read. Ratios between models of one call are fair on a busy machine,
    absolute times are not. Raises InputError when there is no Chromium or the page fails.
    """
    names = [f"model-{number}" for number in range(len(bundles))]
    answer = ask_page(
        "timing.html",
        {"folders": names, "warmUp": warm_up, "runs": runs},
        dict(zip(names, bundles, strict=True)),
        seconds=60 + len(bundles) * (runs + warm_up) * 2 * SECONDS_A_RUN,
    )
    return [
        Milliseconds(_spread(times["network"]), _spread(times["withResize"]), runs) for times in answer["times"]
    ]


def _spread(times: Sequence[float]) -> Spread:
    low, _, high = quantiles(times, n=4, method="inclusive")
    return Spread(min(times), median(times), low, high)


def reference(cache: Path, make: Callable[[Path], None] | None = None) -> Path:
    """Return the folder of MobileNet v1 1.0 at 224 px with random weights, made in ``cache`` if it is not there.

    Times of other networks are given as shares of its time in the same page, which hold on other machines as well:
    what a network multiplies does not depend on what its weights are. The folder is named by the code and the
    converter that made it, and waits for another process that is making it. ``make`` fills it with a network;
    StoreError when the cache cannot be written.
    """
    folder = cache / f"timing-reference-{reference_id()}"
    with locked(folder.with_suffix(".lock")):
        if not (folder / MANIFEST).is_file():
            (make or _make_reference)(folder)
            contract = {"classes": ["one", "other"], "input": asdict(InputContract(size=224))}
            # Last: a folder without it is made again.
            write_atomically(folder / MANIFEST, json.dumps(contract).encode())
    return folder


def _make_reference(folder: Path) -> None:
    """Convert the reference's network into ``folder``, as training/exporting/export.py would."""
    import keras

    from training.exporting.saved_model import tensorflow_writes, write_saved_model
    from training.networks.fold import fold_batch_normalization
    from training.networks.layers import Layers
    from training.networks.layout import TENSORFLOW
    from training.networks.mobilenet import mobilenet_v1
    from training.networks.rescaling import RESCALE, fold_rescaling
    from training.toolchain.converter import convert

    pixels = keras.Input((224, 224, 3))
    scaled = keras.layers.Rescaling(TENSORFLOW.scale, TENSORFLOW.offset, name=RESCALE)(pixels)
    features = keras.layers.GlobalAveragePooling2D()(mobilenet_v1(Layers(TENSORFLOW, 1), scaled, 1.0))
    model = keras.Model(pixels, keras.layers.Dense(2, activation="softmax")(features))
    # It is timed as a bundle of this network would be.
    folded = fold_rescaling(fold_batch_normalization(model))
    for layer in (layer for layer in folded.layers if layer.weights):
        # A bias of zeros would be optimised away, and with it the fusion that a trained network has.
        kernel, bias = layer.get_weights()
        layer.set_weights([kernel, bias + 0.1])
    with (
        tensorflow_writes(folder.parent),
        tempfile.TemporaryDirectory(prefix=".reference-", dir=folder.parent) as workspace,
    ):
        write_saved_model(folded, Path(workspace) / "saved")
        convert(Path(workspace) / "saved", folder, "uint16")
