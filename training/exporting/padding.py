"""Let convolutions pad for themselves: networks that came from torch are padded before every stride.

TensorFlow's graphs know convolutions with explicit padding (`EXPLICIT`), so does TF.js; its converter leaves the
padding apart, an operation that copies a whole feature map: 2 % of the released network's time (docs/LOG.md).
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from training.toolchain.converter import CONVOLUTIONS, read_constants

Node = dict[str, Any]


def fold_padding(folder: Path) -> None:
    """Rewrite the `model.json` of a TF.js graph model: paddings go into the convolutions that read them.

    One goes where it pads with zeros and only a convolution without padding reads it. The function stays the same.
    """
    path = folder / "model.json"
    model = json.loads(path.read_text())
    nodes: list[Node] = model["modelTopology"]["node"]
    constants = read_constants(folder, model)
    folded = {node["name"] for node in nodes if node["op"] == "Pad" and _fold(node, nodes, constants)}
    model["modelTopology"]["node"] = [node for node in nodes if node["name"] not in folded]
    path.write_text(json.dumps(model))


def _fold(pad: Node, nodes: list[Node], constants: Mapping[str, Any]) -> bool:
    readers = [node for node in nodes if pad["name"] in node.get("input", [])]
    sides = constants.get(pad["input"][1])
    if len(readers) != 1 or sides is None or not _can_pad(readers[0], pad["name"]):
        return False
    [reader] = readers
    reader["input"][0] = pad["input"][0]
    reader["attr"]["padding"] = {"s": b64encode(b"EXPLICIT").decode()}
    reader["attr"]["explicit_paddings"] = {"list": {"i": [str(side) for side in np.ravel(sides)]}}
    return True


def _can_pad(node: Node, padded: str) -> bool:
    if node["op"] not in CONVOLUTIONS or node["input"][0] != padded:
        return False
    return b64decode(node["attr"]["padding"]["s"]) == b"VALID"
