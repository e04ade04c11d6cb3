"""The networks that can be trained: pixels in, probabilities out, the preprocessing inside.

Pretrained ones carry no BatchNorm: its statistics are folded into the convolutions when the weights are read.
Keeping them frozen would be the same function, and training them again doubled the time of an epoch on a CPU
without a better validation AUC (docs/LOG.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from store.config import HeadConfig
from store.errors import ConfigError, WeightsError
from store.nearest import did_you_mean, nearest
from training.networks.efficientnet import efficientnet_b0, efficientnet_v2_b0
from training.networks.efficientnet_lite import efficientnet_lite0, efficientnet_lite1, efficientnet_lite2
from training.networks.heads import EMBEDDING, HEAD, attach_head, has_fixed_answer
from training.networks.inception import inception_v3
from training.networks.layers import CUT, Layers, network_name
from training.networks.layout import CAFFE, TENSORFLOW, Layout
from training.networks.mobilenet import mobilenet_v1, mobilenet_v2, mobilenet_v2_fine
from training.networks.residual import resnet50, resnet50_thin
from training.networks.tiny import tiny
from training.networks.weights import Pretrained, is_published, read_weights, source_of

if TYPE_CHECKING:
    import keras

PLAIN_HEAD = HeadConfig()
# Three halvings come out even. Later ones may be of an odd side, which every layout pads alike: 104 px end at 4 x 4
# as 128 px do, for less (208 of a fine network as 256).
SIZE_STEP = 8
SMALLEST = 32


@dataclass(frozen=True)
class Backbone:
    """A network that runs in the browser.

    widths: its alphas; parameters: how many its features have, at alpha 1.0; stack: puts its layers onto scaled
    pixels; layout: what it gets where nobody publishes weights for it; smallest: the side of the smallest picture.
    """

    name: str
    parameters: int
    stack: Callable[[Layers, Any, float], Any]
    widths: tuple[float, ...] = (1.0,)
    layout: Layout = TENSORFLOW
    smallest: int = SMALLEST


@dataclass(frozen=True)
class Facts:
    """What `flinch compare` and the README say of a network; `why_not` is empty where it can be exported."""

    name: str
    widths: tuple[float, ...]
    parameters: int | None
    exportable: bool
    why_not: str
    weights: str


def describe(name: str) -> Facts:
    """Return the facts of a network, exportable or not; ConfigError when its name is unknown."""
    if name in UNEXPORTABLE:
        return Facts(name, (), None, exportable=False, why_not=UNEXPORTABLE[name], weights="")
    backbone = _known(name)
    weights = source_of(name, 1.0)
    return Facts(name, backbone.widths, backbone.parameters, exportable=True, why_not="", weights=weights)


def find_backbone(name: str, alpha: float) -> Backbone:
    """Return the backbone of that name; ConfigError when it or its width is unknown, or it cannot be exported."""
    if name in UNEXPORTABLE:
        known = ", ".join(BACKBONES)
        raise ConfigError(f"train.backbone: {name} cannot be exported: {UNEXPORTABLE[name]}; use one of {known}")
    backbone = _known(name)
    if alpha not in backbone.widths:
        raise ConfigError(f"train.alpha: {name} comes in {', '.join(map(str, backbone.widths))}, not {alpha}")
    return backbone


def _known(name: str) -> Backbone:
    backbone = BACKBONES.get(name)
    if backbone is None:
        known = ", ".join(BACKBONES)
        raise ConfigError(f"train.backbone: unknown network '{name}' (known: {known})")
    return backbone


def build(  # noqa: PLR0913 - a network is named by this much
    name: str,
    alpha: float,
    input_size: int,
    classes: int,
    pretrained: Pretrained | None,
    *,
    cut: str = "",
    head: HeadConfig = PLAIN_HEAD,
    positive: int = 1,
    seed: int = 1,
) -> "keras.Model":
    """Return a network with pretrained features and an untrained head.

    Input float32 [n, input_size, input_size, 3], RGB 0..255; output float32 [n, classes], probabilities. `cut`
    names the block that the features end with, "" for all of them. The pooled features are the layer `embedding`,
    the head's answer `probabilities`, convolutions carry the names that keras.applications gives them. `positive`
    is the class that a sigmoid head speaks of, `seed` decides what is not pretrained. `pretrained` None: random
    features, only where nobody publishes better ones; they keep their BatchNorm until the export folds it.
    Raises ConfigError, or WeightsError when the weights do not fit.
    """
    import keras

    backbone = find_backbone(name, alpha)
    if input_size % SIZE_STEP or input_size < backbone.smallest:
        allowed = f"multiple of {SIZE_STEP} of at least {backbone.smallest}"
        raise ConfigError(f"train.input_size: {input_size} is no {allowed}")
    if pretrained is None and is_published(name):
        raise WeightsError(f"{name} {alpha} starts from published weights, none were given (`flinch weights`)")
    weights = read_weights(pretrained, name) if pretrained else None
    layers = Layers(weights.layout) if weights else Layers(backbone.layout, seed)
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    scaled = keras.layers.Rescaling(layers.layout.scale, layers.layout.offset, name="rescale")(pixels)
    whole = backbone.stack(layers, scaled, alpha)
    features = _end_of(name, layers, cut) if cut else whole
    embedding = keras.layers.GlobalAveragePooling2D(name=EMBEDDING)(features)
    answer = attach_head(embedding, classes, positive, head, seed=seed)
    model = keras.Model(pixels, answer, name=network_name(name, cut))
    if weights:
        weights.load_into(model)
    return model


def embedder(model: "keras.Model") -> "keras.Model":
    """Return the network from pixels to the pooled features, float32 [n, width]; it shares the model's weights."""
    import keras

    return keras.Model(model.input, model.get_layer(EMBEDDING).output, name=f"{model.name}_embedder")


def unfreezable_layers(model: "keras.Model") -> list[str]:
    """Return the names that fine-tuning can start from, in order: every layer with weights to be trained."""
    fixed = HEAD if has_fixed_answer(model) else None
    return [layer.name for layer in model.layers if layer.weights and layer.name != fixed]


def unfreeze_from(model: "keras.Model", first: str) -> None:
    """Make `first` and every layer after it trainable, and every layer before it not.

    "auto" is the first layer at a sixteenth of the picture's side; a network cut before it starts in its middle, a
    network that began with random weights at its beginning.
    Raises ConfigError, naming the nearest layer, when there is no such layer. Compile the model afterwards.
    """
    names = unfreezable_layers(model)
    first = _middle(model, names) if first == "auto" else first
    if first not in names:
        near = nearest(first, names)
        hint = f"did you mean '{near}'?" if near else f"the first is '{names[0]}', the last '{names[-1]}'"
        raise ConfigError(f"train.unfreeze_from: {model.name} has no layer '{first}' ({hint})")
    for layer in model.layers:
        layer.trainable = layer.name in names[names.index(first) :]


def _end_of(name: str, layers: Layers, cut: str) -> Any:
    if cut not in layers.ends:
        blocks = list(layers.ends)
        hint = did_you_mean(cut, blocks) or f" (the first is '{blocks[0]}', the last '{blocks[-1]}')"
        raise ConfigError(f"train.cut: {name} has no block '{cut}'{hint}")
    return layers.ends[cut]


def _middle(model: "keras.Model", names: list[str]) -> str:
    if not is_published(model.name.partition(CUT)[0]):
        return names[0]
    side = model.input_shape[1] / 16
    for layer in map(model.get_layer, names):
        if getattr(layer, "strides", None) == (2, 2) and layer.output.shape[1] <= side:
            return str(layer.name)
    return names[len(names) // 2]


BACKBONES = {
    backbone.name: backbone
    for backbone in (
        Backbone("mobilenet_v1", 3_196_032, mobilenet_v1, (1.0, 0.75, 0.5, 0.25)),
        Backbone("mobilenet_v2", 2_206_816, mobilenet_v2, (1.4, 1.3, 1.0, 0.75, 0.5, 0.35)),
        Backbone("mobilenet_v2_fine", 2_206_888, mobilenet_v2_fine, smallest=2 * SMALLEST),
        Backbone("efficientnet_lite0", 3_350_000, efficientnet_lite0),
        Backbone("efficientnet_lite1", 4_108_848, efficientnet_lite1),
        Backbone("efficientnet_lite2", 4_782_024, efficientnet_lite2),
        Backbone("efficientnet_b0", 3_986_540, efficientnet_b0),
        Backbone("efficientnet_v2_b0", 5_828_400, efficientnet_v2_b0),
        Backbone("inception_v3", 21_768_352, inception_v3, smallest=96),
        Backbone("resnet50", 23_481_472, resnet50),
        Backbone("resnet50_thin", 5_889_216, resnet50_thin, layout=CAFFE),
        Backbone("tiny", 85_968, tiny),
    )
}
UNEXPORTABLE = {"mobilenet_v3": "TF.js has no kernel for its hard swish (_fusedhardswish)"}
