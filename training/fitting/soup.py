"""Several students become one network: the mean of their weights, at the cost of one in the browser.

Networks that were fine-tuned from the same pretrained weights lie in one basin of the loss, and its middle is
flatter and more often right than its sides: Wortsman et al. 2022, "Model soups", https://arxiv.org/abs/2203.05482.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.fitting.fine_tune import score_on
from training.fitting.lessons import Pictures


@dataclass(frozen=True)
class Soup:
    """The mean of ``members`` networks, and its average precision on val."""

    network: Any
    members: int
    score: float


def greedy_soup(networks: Sequence[Any], val: Pictures) -> Soup:
    """Average the weights of the best network on ``val`` with those of every other that does not make it worse.

    The networks have one architecture; the first one is changed and returned (the paper's recipe 1, greedy soup).
    So the mean is never worse on ``val`` than the best of them. IndexError when there is none.
    """
    network = networks[0]

    def score(recipe: Sequence[Sequence[NDArray[np.float32]]]) -> float:
        network.set_weights(_mean(recipe))
        return score_on(val, network)

    alone = [(score([weights]), weights) for weights in [each.get_weights() for each in networks]]
    (best, first), *others = sorted(alone, key=lambda scored: scored[0], reverse=True)
    chosen = [first]
    for _, weights in others:
        mixed = score([*chosen, weights])
        if mixed >= best:
            chosen, best = [*chosen, weights], mixed
    network.set_weights(_mean(chosen))
    return Soup(network, len(chosen), best)


def _mean(recipe: Sequence[Sequence[NDArray[np.float32]]]) -> list[NDArray[np.float32]]:
    return [np.mean(layer, axis=0) for layer in zip(*recipe, strict=True)]
