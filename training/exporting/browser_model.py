"""Run in Python what a browser runs: a released model is a TF.js graph model and nothing else.

Its graph is TensorFlow's own, but for operations that the converter fused; taken apart again they are TensorFlow's
too. So is padding that stands in a convolution: oneDNN, which TensorFlow takes where a processor has AVX-512, loses
it from depthwise ones, and the process ends (TensorFlow 2.21). So these are the answers of the very files whose
parity was measured: no network is guessed from them.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.bundle import PYTHON, Bundle
from inference.predictor import Predictor, Serve
from inference.quiet import import_tensorflow_quietly
from store.errors import InputError
from training.toolchain.converter import read_constants

CONVOLVING = ("T", "strides", "padding", "data_format", "dilations")
EXPLICIT, VALID = ({"s": b64encode(way).decode()} for way in (b"EXPLICIT", b"VALID"))
# The linear operation in each fused one, and those of its attributes that it knows: it would refuse the others.
LINEAR = {
    "_FusedConv2D": ("Conv2D", CONVOLVING),
    "FusedDepthwiseConv2dNative": ("DepthwiseConv2dNative", CONVOLVING),
    "_FusedMatMul": ("MatMul", ("T", "transpose_a", "transpose_b")),
}

Node = Mapping[str, Any]


def predictor_of(bundle: Bundle) -> Predictor:
    """Return a predictor on the bundle's SavedModel, or on the browser's model where that is all there is."""
    return Predictor(bundle) if PYTHON in bundle.files else Predictor(bundle, load_browser_model)


def load_browser_model(folder: Path) -> Serve:
    """Return the function from pixels uint8 [n, size, size, 3] to probabilities float32 [n, classes].

    Raises InputError when TensorFlow is not installed or the `model.json` in ``folder`` is no such model.
    """
    try:
        import_tensorflow_quietly()
        import tensorflow as tf
        from google.protobuf.json_format import ParseError
    except ImportError as error:
        raise InputError("scoring needs TensorFlow: install flinch with its extra 'train'") from error
    try:
        model = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        graph = _graph(model["modelTopology"], read_constants(folder, model))
        [pixels], [probabilities] = (model["signature"][side].values() for side in ("inputs", "outputs"))
        whole = tf.compat.v1.wrap_function(lambda: tf.graph_util.import_graph_def(graph, name=""), [])
        run = whole.prune(pixels["name"], probabilities["name"])
    except (OSError, ValueError, KeyError, TypeError, ParseError) as error:
        raise InputError(f"{folder}: no model of a browser's that can be read ({error!r})") from error

    def answer(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(run(tf.constant(pictures, tf.float32)), np.float32)

    return answer


def _graph(topology: Mapping[str, Any], constants: Mapping[str, NDArray[Any]]) -> Any:
    """Return TensorFlow's GraphDef of a `modelTopology`, its constants filled in."""
    import tensorflow as tf
    from google.protobuf.json_format import ParseDict

    given = topology["node"]
    parts = [part for node in given for apart in _padding_apart(node) for part in _unfused(apart)]
    graph = ParseDict({**topology, "node": parts}, tf.compat.v1.GraphDef())
    in_shards = {node["name"] for node in given if node["op"] == "Const"}
    for node in graph.node:
        if node.name in in_shards:
            node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(constants[node.name]))
    return graph


def _padding_apart(node: Node) -> Iterator[Node]:
    """Yield a convolution that pads by eight numbers of its own as these, a padding, and one without.

    Any other node is yielded as it is.
    """
    attr = node.get("attr", {})
    if attr.get("padding") != EXPLICIT:
        yield node
        return
    data, *others = node["input"]
    sides, padded = f"{node['name']}/sides", f"{node['name']}/padded"
    numbers = {
        "dtype": "DT_INT32",
        "tensorShape": {"dim": [{"size": "4"}, {"size": "2"}]},
        "intVal": [int(number) for number in attr["explicit_paddings"]["list"]["i"]],
    }
    rest = {key: value for key, value in attr.items() if key != "explicit_paddings"}
    yield {"name": sides, "op": "Const", "attr": {"dtype": {"type": "DT_INT32"}, "value": {"tensor": numbers}}}
    yield {"name": padded, "op": "Pad", "input": [data, sides], "attr": {"T": attr["T"]}}
    yield {**node, "input": [padded, *others], "attr": {**rest, "padding": VALID}}


def _unfused(node: Node) -> Iterator[Node]:
    """Yield the operations that a fused one is made of, the last under its name; any other one as it is."""
    if node["op"] not in LINEAR:
        yield node
        return
    linear, known = LINEAR[node["op"]]
    data, kernel, *bias = node["input"]
    beside = {linear: [kernel], "BiasAdd": bias}
    ops = [linear, *(b64decode(name).decode() for name in node["attr"]["fused_ops"]["list"]["s"])]
    name = data
    for place, op in enumerate(ops, 1):
        inputs = [name, *beside.get(op, ())]
        attributes = known if op == linear else ("T",)
        name = node["name"] if place == len(ops) else f"{node['name']}/{op}"
        attr = {key: value for key, value in node["attr"].items() if key in attributes}
        yield {"name": name, "op": op, "input": inputs, "attr": attr}
