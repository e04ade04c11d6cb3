"""Pixels of what was damaged are refused; embeddings are computed once, and anew for a network of other code."""

import keras
import numpy as np
import pytest

from store.blobs import Blobs
from store.errors import InputError
from store.progress import track
from tests.pictures import png
from training.pictures import pixels as module
from training.pictures.pixels import decode_all, embed_all

DIGESTS = [f"{number:064x}" for number in range(3)]


def network(scale):
    """Return what says the mean of a picture's channels, times ``scale``."""
    picture = keras.Input((8, 8, 3))
    scaled = keras.layers.Rescaling(scale)(picture)
    return keras.Model(picture, keras.layers.GlobalAveragePooling2D()(scaled), name="mean")


@pytest.fixture
def embed(tmp_path):
    shown = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), np.uint8)

    def embedded(scale):
        return embed_all(network(scale), "origin", DIGESTS, shown, np.arange(3), tmp_path, track)

    return embedded


def test_one_network_embeds_once(embed):
    first = embed(1.0)

    # What is cached is named by network, weights and code; this one would see something else.
    np.testing.assert_array_equal(embed(2.0), first)


def test_other_code_embeds_anew(embed, monkeypatch):
    first = embed(1.0)
    monkeypatch.setattr(module, "networks_code", lambda: "other")

    np.testing.assert_allclose(embed(2.0), 2 * first, rtol=1e-5)


def test_a_damaged_blob_is_named(tmp_path):
    blobs = Blobs(tmp_path / "blobs")
    whole, damaged = (blobs.put(png(number)) for number in range(2))
    blobs.path(damaged).write_bytes(png(1)[:900])

    with pytest.raises(InputError, match=f"{blobs.path(damaged)}: damaged"):
        decode_all(blobs, [whole, damaged], 32, tmp_path, track)
