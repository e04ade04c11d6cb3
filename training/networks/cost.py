"""What a network costs before any clock runs: multiplications and parameters."""

from math import prod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def macs(model: "keras.Model") -> int:
    """Return the multiply-adds of one picture through a functional ``model``; twice that many are its FLOPs.

    As papers count them: convolutions and dense layers (569 M for MobileNet v1 1.0 at 224 px,
    https://arxiv.org/abs/1704.04861; 300 M for v2, https://arxiv.org/abs/1801.04381). Normalisation is folded
    before release, and activations, sums and pooling do not multiply. Raises ValueError for a layer with weights
    that is not known here, since a count that leaves one out would flatter.
    """
    # A Sequential keeps its nodes in a functional model of its own.
    functional = getattr(model, "_functional", None) or model
    nodes = [node for same_depth in functional._nodes_by_depth.values() for node in same_depth]
    return sum(_macs_of(node.operation, node.output_tensors[0].shape) for node in nodes)


def parameters(model: "keras.Model") -> int:
    """Return how many numbers the network keeps, the statistics of a normalisation that is not folded included."""
    return int(model.count_params())


def _macs_of(layer: Any, answer: tuple[int | None, ...]) -> int:
    """``answer``: the shape that the layer gives, [n, height, width, channels] or [n, ..., channels]."""
    import keras

    layers = keras.layers
    places: int = prod(size or 1 for size in answer[1:-1])
    if isinstance(layer, keras.Model):
        return macs(layer)
    if isinstance(layer, layers.SeparableConv2D):
        return places * sum(_size(kernel) for kernel in (layer.depthwise_kernel, layer.pointwise_kernel))
    if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D | layers.Dense):
        return places * _size(layer.kernel)
    if layer.weights and not isinstance(layer, layers.BatchNormalization | layers.Normalization):
        raise ValueError(f"nobody knows the multiplications of {type(layer).__name__} '{layer.name}'")
    return 0


def _size(kernel: Any) -> int:
    return int(prod(kernel.shape))
