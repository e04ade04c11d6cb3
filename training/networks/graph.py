"""Read the convolutions back out of what a browser gets, so that a released model can be trained on."""

import json
from base64 import b64decode
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from store.errors import WeightsError
from training.networks.convolutions import Convolution, Convolutions, rescaled
from training.networks.layout import TENSORFLOW, TORCH, Layout
from training.toolchain.converter import CONVOLUTIONS, read_constants

PADDINGS = frozenset({"Pad", "PadV2"})
# What is exported takes pixels as they are: its first convolution scales them (rescaling.py).
PLAIN = Layout(scale=1.0, offset=0.0)

Node = Mapping[str, Any]


def read_graph(folder: Path, network: str) -> tuple[Convolutions, Layout]:
    """Return the convolutions of a TF.js graph model of ours, by Keras' names, and the layout to build them in.

    ``network``: the name that ``build`` gave it. Kernels come back as they were stored: the same function but for a
    picture's outermost pixels (``rescaled``). Raises WeightsError, naming the folder, when it is no such model, or
    one that scales its colours apart.
    """
    try:
        model = json.loads((folder / "model.json").read_text())
        nodes = {node["name"]: node for node in model["modelTopology"]["node"]}
        constants = read_constants(folder, model)
        convolving = [node for node in nodes.values() if node["op"] in CONVOLUTIONS]
        read = {_layer(node["input"][1], network): _convolution(node, constants) for node in convolving}
        plain = _reads_pixels(convolving[0], nodes)
        layout = TORCH if _pads_both_sides(nodes.values(), constants) else TENSORFLOW
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise WeightsError(f"{folder}: no {network} in TF.js' form can be read ({error!r})") from error
    if not plain:
        raise WeightsError(f"{folder}: scales its colours apart, and only model.keras tells how")
    return rescaled(read, PLAIN, layout), layout


def _layer(kernel: str, network: str) -> str:
    """Return the layer of a kernel such as ".../NETWORK_1/conv_pw_3_1/convolution/ReadVariableOp".

    TensorFlow numbers the scopes of a second trace: what follows the network's name follows each layer's, too.
    """
    scopes = kernel.split("/")
    [traced] = [scope.removeprefix(network) for scope in scopes if scope.startswith(network)]
    return scopes[-3].removesuffix(traced)


def _convolution(node: Node, constants: Mapping[str, Any]) -> Convolution:
    kernel, bias = (constants[name] for name in node["input"][1:3])
    return Convolution(kernel, bias)


def _reads_pixels(node: Node, nodes: Mapping[str, Node]) -> bool:
    before = nodes[node["input"][0]]
    if before["op"] in PADDINGS:
        before = nodes[before["input"][0]]
    return bool(before["op"] == "Placeholder")


def _pads_both_sides(nodes: Iterable[Node], constants: Mapping[str, Any]) -> bool:
    paddings = [np.ravel(constants[node["input"][1]]) for node in nodes if node["op"] in PADDINGS]
    paddings += [np.array(node["attr"]["explicit_paddings"]["list"]["i"], int) for node in nodes if _explicit(node)]
    return any(before == after > 0 for sides in paddings for before, after in sides.reshape(-1, 2))


def _explicit(node: Node) -> bool:
    return node["op"] in CONVOLUTIONS and b64decode(node["attr"]["padding"]["s"]) == b"EXPLICIT"
