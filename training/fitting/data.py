"""A snapshot as arrays, for one recipe: decoded pixels, composites, frozen embeddings, where each split lies."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store.config import Concept, TrainConfig
from store.database import Store
from store.progress import track
from training.clock import Clock
from training.fitting.lessons import Lessons, Pictures, Pixels
from training.networks.backbones import build, embedder, unfreeze_from
from training.networks.statistics import settle
from training.networks.weights import Pretrained
from training.pictures.composites import composite_pixels
from training.pictures.pixels import decode_all, embed_all
from training.snapshot import Snapshot
from training.splits import TRAIN, VAL


@dataclass(frozen=True)
class Data:
    """A snapshot at one input size, with the network to be fitted.

    ``embeddings`` [n, d] are the frozen network's on the snapshot, ``pasted`` [m, d] those on the composites;
    ``unlabelled`` are the pictures without a label.
    """

    model: Any
    embeddings: NDArray[np.float32]
    pasted: NDArray[np.float32]
    whole: Pictures
    composites: Pictures | None
    unlabelled: Pixels | None
    where: dict[str, NDArray[np.int64]]

    def of(self, split: str) -> Pictures:
        """Return the pictures of one split."""
        chosen = self.where[split]
        return replace(self.whole, rows=self.whole.rows[chosen], labels=self.whole.labels[chosen])

    def lessons(self, recipe: TrainConfig) -> Lessons:
        """Return what a network of this input size is shown by ``recipe``."""
        return Lessons(self.of(TRAIN), self.composites, self.unlabelled, recipe)

    @property
    def lesson_embeddings(self) -> NDArray[np.float32]:
        """The embeddings [k, d] of what ``lessons`` numbers: training pictures, then composites."""
        return np.concatenate([self.embeddings[self.where[TRAIN]], self.pasted])

    @property
    def val_embeddings(self) -> NDArray[np.float32]:
        """The embeddings [k, d] of the val split."""
        return self.embeddings[self.where[VAL]]


def gather(
    store: Store,
    concept: Concept,
    recipe: TrainConfig,
    snapshot: Snapshot,
    pretrained: Pretrained | None,
    clock: Clock,
) -> Data:
    """Decode, compose and embed what the caches lack, and build the network to be fitted.

    ``recipe`` is the concept's own, or that of one of its teachers. Raises ConfigError (a misspelt layer),
    InputError (a blob is missing or damaged), WeightsError, StoreError.
    """
    cache, size = store.home.cache, recipe.input_size
    digests = [example.sha256 for example in snapshot.examples]
    labels = np.array([concept.classes.index(example.label) for example in snapshot.examples])
    with clock.stage("build"):
        model = network_of(concept, recipe, pretrained)
    with clock.stage("decode"):
        pixels, rows = decode_all(store.blobs, digests, size, cache, track)
        unlabelled = None
        if snapshot.unlabelled:
            unlabelled = Pixels(*decode_all(store.blobs, snapshot.unlabelled, size, cache, track))
    where = {split: snapshot.where(split) for split in snapshot.splits}
    network = embedder(model)
    with clock.stage("embed"):
        origin = _begin(network, recipe, snapshot, pretrained, pixels, rows)
        embeddings = embed_all(network, origin, digests, pixels, rows, cache, track)
    whole = Pictures(pixels, rows, labels, concept.positive_index)
    composites, pasted = None, embeddings[:0]
    if recipe.synthetic.composites and recipe.synthetic.share:
        with clock.stage("composites"):
            composites, names = _compose(store, concept, recipe, snapshot)
            pasted = embed_all(network, origin, names, composites.pixels, composites.rows, cache, track)
    return Data(model, embeddings, pasted, whole, composites, unlabelled, where)


def embed_snapshot(
    store: Store, concept: Concept, recipe: TrainConfig, snapshot: Snapshot, pretrained: Pretrained | None
) -> NDArray[np.float32]:
    """Return the frozen embeddings [n, d] of a snapshot's pictures by a network that is not to be fitted.

    Raises ConfigError (a misspelt layer), InputError (a blob is missing or damaged), WeightsError, StoreError.
    """
    digests = [example.sha256 for example in snapshot.examples]
    network = embedder(network_of(concept, recipe, pretrained))
    pixels, rows = decode_all(store.blobs, digests, recipe.input_size, store.home.cache, track)
    origin = _begin(network, recipe, snapshot, pretrained, pixels, rows)
    return embed_all(network, origin, digests, pixels, rows, store.home.cache, track)


def _begin(
    network: Any,
    recipe: TrainConfig,
    snapshot: Snapshot,
    pretrained: Pretrained | None,
    pixels: NDArray[np.uint8],
    rows: NDArray[np.int64],
) -> str:
    """Let random weights settle on the training pictures, and return what names the weights in caches."""
    if pretrained:
        return f"{recipe.alpha}-{pretrained.sha256[:12]}"
    settle(network, pixels, rows[snapshot.where(TRAIN)], recipe.seed)
    return f"{recipe.alpha}-random-{recipe.seed}-{snapshot.id[:12]}"


def network_of(concept: Concept, recipe: TrainConfig, pretrained: Pretrained | None) -> Any:
    """Return the network to be fitted, with the layers that fine-tuning trains; ConfigError for a misspelt one."""
    model = build(
        recipe.backbone,
        recipe.alpha,
        recipe.input_size,
        len(concept.classes),
        pretrained,
        cut=recipe.cut,
        head=recipe.head,
        positive=concept.positive_index,
        seed=recipe.seed,
    )
    unfreeze_from(model, recipe.unfreeze_from)
    return model


def _compose(
    store: Store, concept: Concept, recipe: TrainConfig, snapshot: Snapshot
) -> tuple[Pictures, tuple[str, ...]]:
    """Paste clusters onto the normal photographs of the train split; return them with their names."""
    train = snapshot.of(TRAIN)
    normals = [example.sha256 for example in train if example.label == concept.negative]
    made = composite_pixels(
        store.blobs,
        normals,
        [example.sha256 for example in train if example.label == concept.positive],
        # More would show the same photographs again; one alone would have no twin.
        max(2, min(recipe.synthetic.composites, len(normals))),
        recipe.seed,
        recipe.input_size,
        store.home.cache,
        track,
    )
    labels = np.where(made.positives, concept.positive_index, concept.classes.index(concept.negative))
    return Pictures(made.pixels, made.rows, labels, concept.positive_index), made.names
