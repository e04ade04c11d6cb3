"""What competes in a comparison: a network, its width, its picture size and its cut, in one word.

``mobilenet_v1:0.5@160:conv_pw_11`` is MobileNet v1 at half width for pictures of 160 px that ends with the block
conv_pw_11. Width and size that are left out are the concept's own; without a cut a network is whole.
"""

import re
from dataclasses import dataclass
from typing import Any

from inference.bundle import network_word
from store.config import Concept, TrainConfig, with_recipe
from store.errors import ConfigError

FORM = "NAME[:ALPHA][@SIZE][:CUT], e.g. mobilenet_v1:0.5@160:conv_pw_11"
_WORD = re.compile(
    r"(?P<backbone>[a-z][a-z0-9_]*)(:(?P<alpha>\d*\.?\d+))?(@(?P<input_size>\d+))?(:(?P<cut>[A-Za-z_]\w*))?"
)
# The networks with published weights, each at sizes that bring it near the cost of the cheapest ones.
USUAL = (
    "mobilenet_v1:1.0@160",
    "mobilenet_v1:1.0@128",
    "mobilenet_v1:1.0@160:conv_pw_11",
    "mobilenet_v1:0.5@160",
    "mobilenet_v1:0.25@224",
    "mobilenet_v2:1.0@160",
    "mobilenet_v2:1.0@128",
    "mobilenet_v2:1.0@128:block_12",
    "mobilenet_v2:1.0@128:block_11_expand",
    "mobilenet_v2:1.0@104:block_16_expand",
    "mobilenet_v2_fine:1.0@208:block_16_expand",
    "mobilenet_v2:0.5@160",
    "efficientnet_lite0:1.0@128",
    "efficientnet_b0:1.0@128",
    "tiny@128",
)


@dataclass(frozen=True)
class Contender:
    """A network that is trained with the concept's recipe, but for these."""

    backbone: str
    alpha: float
    input_size: int
    cut: str = ""

    def __str__(self) -> str:
        """Return the word that ``parse_contender`` reads."""
        return network_word(self.backbone, self.alpha, self.input_size, self.cut)

    def concept(self, concept: Concept, epochs: int | None) -> Concept:
        """Return the concept with this network; ``epochs`` of fine-tuning if given. ConfigError if it cannot be."""
        changes: dict[str, Any] = dict(vars(self))
        if self.cut and self.cut != concept.train.cut:
            # The part that is cut off may hold the first layer to be trained.
            changes["unfreeze_from"] = "auto"
        if epochs is not None:
            changes["fine_tune_epochs"] = epochs
        return with_recipe(concept, changes)


def parse_contender(word: str, recipe: TrainConfig) -> Contender:
    """Read a contender; ``recipe`` fills in what the word leaves out. ConfigError says what form is read."""
    match = _WORD.fullmatch(word.strip())
    if match is None:
        raise ConfigError(f"compare: cannot read the network '{word}'; write {FORM}")
    same = match["backbone"] == recipe.backbone
    usual = recipe.alpha if same else 1.0
    return Contender(
        match["backbone"],
        float(match["alpha"]) if match["alpha"] else usual,
        int(match["input_size"] or recipe.input_size),
        match["cut"] or "",
    )
