"""A snapshot as arrays: decoded pixels, frozen embeddings, labels, and where each split lies."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store.config import Concept
from store.database import Store
from store.progress import track
from training.backbones import build, embedder, unfreeze_from
from training.clock import Clock
from training.fit import Pictures
from training.pixels import decode_all, embed_all
from training.snapshot import Snapshot
from training.weights import Pretrained


@dataclass(frozen=True)
class Data:
    """A snapshot as arrays, with the network to be fitted; ``embeddings`` [n, d] are its frozen ones."""

    model: Any
    embeddings: NDArray[np.float32]
    whole: Pictures
    where: dict[str, NDArray[np.int64]]

    def of(self, split: str) -> Pictures:
        """Return the pictures of one split."""
        chosen = self.where[split]
        return replace(self.whole, rows=self.whole.rows[chosen], labels=self.whole.labels[chosen])


def gather(store: Store, concept: Concept, snapshot: Snapshot, pretrained: Pretrained, clock: Clock) -> Data:
    """Decode and embed what the caches lack, and build the network to be fitted."""
    recipe, cache = concept.train, store.home.cache
    digests = [example.sha256 for example in snapshot.examples]
    with clock.stage("build"):
        model = build(recipe.backbone, recipe.alpha, recipe.input_size, len(concept.classes), pretrained)
        # Here, and not when fine-tuning begins: a misspelt layer is told before anything long has run.
        unfreeze_from(model, recipe.unfreeze_from)
    with clock.stage("decode"):
        pixels, rows = decode_all(store.blobs, digests, recipe.input_size, cache, track)
    with clock.stage("embed"):
        embeddings = embed_all(embedder(model), pretrained, digests, pixels, rows, cache, track)
    labels = np.array([concept.classes.index(example.label) for example in snapshot.examples])
    where = {split: snapshot.where(split) for split in snapshot.splits}
    return Data(model, embeddings, Pictures(pixels, rows, labels, concept.positive_index), where)
