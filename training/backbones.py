"""The networks that can be trained: pixels in, probabilities out, the preprocessing inside.

They carry no BatchNorm: pretrained statistics are folded into the convolutions when the weights are read. Keeping
them frozen would be the same function, and training them again doubled the time of an epoch on a CPU without a
better validation AUC (docs/LOG.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from store.errors import ConfigError
from store.nearest import nearest
from training.weights import Layout, Pretrained, read_weights

if TYPE_CHECKING:
    import keras

EMBEDDING = "embedding"
DROPOUT = "dropout"
HEAD = "probabilities"
# Five halvings must come out even: padding differs between frameworks on odd sizes.
SIZE_STEP = 32


@dataclass(frozen=True)
class Backbone:
    """A family of networks that runs in the browser: its alphas, and what puts its layers onto pixels.

    `middle` is the layer that "auto" fine-tunes from: the first one at a sixteenth of the picture's side.
    """

    name: str
    widths: tuple[float, ...]
    stack: Callable[["_Layers", Any, float], Any]
    middle: str


def find_backbone(name: str, alpha: float) -> Backbone:
    """Return the backbone of that name; ConfigError when it or its width is unknown, or it cannot be exported."""
    known = ", ".join(BACKBONES)
    if name in UNEXPORTABLE:
        raise ConfigError(f"train.backbone: {name} cannot be exported: {UNEXPORTABLE[name]}; use one of {known}")
    backbone = BACKBONES.get(name)
    if backbone is None:
        raise ConfigError(f"train.backbone: unknown network '{name}' (known: {known})")
    if alpha not in backbone.widths:
        raise ConfigError(f"train.alpha: {name} comes in {', '.join(map(str, backbone.widths))}, not {alpha}")
    return backbone


def build(
    name: str, alpha: float, input_size: int, classes: int, pretrained: Pretrained, *, dropout: float = 0.3
) -> "keras.Model":
    """Return a network with pretrained features and an untrained head.

    Input float32 [n, input_size, input_size, 3], RGB 0..255; output float32 [n, classes], probabilities. The pooled
    features are the layer `embedding`, the head is `probabilities`, convolutions carry the names that
    keras.applications gives them. Raises ConfigError, or WeightsError when the weights do not fit.
    """
    import keras

    backbone = find_backbone(name, alpha)
    if input_size % SIZE_STEP or input_size < SIZE_STEP:
        raise ConfigError(f"train.input_size: {input_size} is no multiple of {SIZE_STEP}")
    weights = read_weights(pretrained)
    layout = weights.layout
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    scaled = keras.layers.Rescaling(layout.scale, layout.offset, name="rescale")(pixels)
    features = backbone.stack(_Layers(layout), scaled, alpha)
    embedding = keras.layers.GlobalAveragePooling2D(name=EMBEDDING)(features)
    dropped = keras.layers.Dropout(dropout, name=DROPOUT)(embedding)
    answer = keras.layers.Dense(classes, activation="softmax", name=HEAD)(dropped)
    model = keras.Model(pixels, answer, name=name)
    weights.load_into(model)
    return model


def embedder(model: "keras.Model") -> "keras.Model":
    """Return the network from pixels to the pooled features, float32 [n, width]; it shares the model's weights."""
    import keras

    return keras.Model(model.input, model.get_layer(EMBEDDING).output, name=f"{model.name}_embedder")


def unfreezable_layers(model: "keras.Model") -> list[str]:
    """Return the names that fine-tuning can start from, in order: every layer with weights."""
    return [layer.name for layer in model.layers if layer.weights]


def unfreeze_from(model: "keras.Model", first: str) -> None:
    """Make `first` and every layer after it trainable, and every layer before it not.

    "auto" is the backbone's own middle. Raises ConfigError, naming the nearest layer, when there is no such layer.
    Compile the model afterwards.
    """
    first = BACKBONES[model.name].middle if first == "auto" else first
    names = unfreezable_layers(model)
    if first not in names:
        near = nearest(first, names)
        hint = f"did you mean '{near}'?" if near else f"the first is '{names[0]}', the last '{names[-1]}'"
        raise ConfigError(f"train.unfreeze_from: {model.name} has no layer '{first}' ({hint})")
    for layer in model.layers:
        layer.trainable = layer.name in names[names.index(first) :]


@dataclass(frozen=True)
class _Layers:
    """Makes convolutions with the padding that the weights were trained with."""

    layout: Layout

    def convolution(
        self, x: Any, name: str, filters: int, kernel: int, stride: int = 1, *, relu: bool = True
    ) -> Any:
        import keras

        x, padding = self._padded(x, name, stride)
        x = keras.layers.Conv2D(filters, kernel, strides=stride, padding=padding, name=name)(x)
        return keras.layers.ReLU(6.0, name=f"{name}_relu")(x) if relu else x

    def depthwise(self, x: Any, name: str, stride: int) -> Any:
        import keras

        x, padding = self._padded(x, name, stride)
        x = keras.layers.DepthwiseConv2D(3, strides=stride, padding=padding, name=name)(x)
        return keras.layers.ReLU(6.0, name=f"{name}_relu")(x)

    def _padded(self, x: Any, name: str, stride: int) -> tuple[Any, str]:
        import keras

        # At stride 2 "same" pads one pixel behind, as TensorFlow's networks were trained; torch pads both sides.
        if stride == 1 or not self.layout.pad_both_sides:
            return x, "same"
        return keras.layers.ZeroPadding2D(1, name=f"{name}_pad")(x), "valid"


def _mobilenet_v1(layers: _Layers, x: Any, alpha: float) -> Any:
    """Howard et al. 2017, https://arxiv.org/abs/1704.04861."""
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    x = layers.convolution(x, "conv1", int(32 * alpha), 3, 2)
    for block, (filters, stride) in enumerate(blocks, 1):
        x = layers.depthwise(x, f"conv_dw_{block}", stride)
        x = layers.convolution(x, f"conv_pw_{block}", int(filters * alpha), 1)
    return x


def _mobilenet_v2(layers: _Layers, x: Any, alpha: float) -> Any:
    """Sandler et al. 2018, https://arxiv.org/abs/1801.04381."""
    import keras

    # filters, how often, stride of the first
    stages = [(24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)]
    blocks = [(filters, stride if first == 0 else 1) for filters, n, stride in stages for first in range(n)]
    x = layers.convolution(x, "Conv1", _divisible(32 * alpha), 3, 2)
    x = layers.depthwise(x, "expanded_conv_depthwise", 1)
    x = layers.convolution(x, "expanded_conv_project", _divisible(16 * alpha), 1, relu=False)
    for block, (filters, stride) in enumerate(blocks, 1):
        y = layers.convolution(x, f"block_{block}_expand", 6 * x.shape[-1], 1)
        y = layers.depthwise(y, f"block_{block}_depthwise", stride)
        y = layers.convolution(y, f"block_{block}_project", _divisible(filters * alpha), 1, relu=False)
        x = keras.layers.Add(name=f"block_{block}_add")([x, y]) if x.shape == y.shape else y
    return layers.convolution(x, "Conv_1", max(1280, _divisible(1280 * alpha)), 1)


def _divisible(channels: float) -> int:
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


BACKBONES = {
    backbone.name: backbone
    for backbone in (
        Backbone("mobilenet_v1", (1.0, 0.5, 0.25), _mobilenet_v1, "conv_dw_6"),
        Backbone("mobilenet_v2", (1.0,), _mobilenet_v2, "block_6_depthwise"),
    )
}
UNEXPORTABLE = {"mobilenet_v3": "TF.js has no kernel for its hard swish (_fusedhardswish)"}
