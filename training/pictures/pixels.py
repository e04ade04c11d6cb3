"""From a snapshot to arrays: every picture decoded once, every embedding computed once, for all runs to come."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache as cache_result
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inference.preprocess import stretch
from store.blobs import Blobs
from store.pictures import decode_stored
from store.progress import Progress
from training.identity import networks_code
from training.networks.frozen import frozen
from training.pictures.cache import DECODER, RowCache

if TYPE_CHECKING:
    import keras


def decode_all(
    blobs: Blobs, digests: Sequence[str], size: int, folder: Path, progress: Progress
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return a memory map of pixels [*, size, size, 3] uint8 and the row of every digest, decoding what is new.

    Raises InputError when a blob is missing or damaged, StoreError when the disk is full.
    """
    cache = RowCache(folder / f"pixels-{DECODER}-{size}", (size, size, 3), np.uint8)
    # Pillow decodes and resizes without Python's lock: threads use all cores and share the memory.
    with ThreadPoolExecutor(cpu_count() or 1) as pool:

        def decode(wanted: Sequence[str]) -> NDArray[np.uint8]:
            return np.stack(list(pool.map(lambda digest: stretch(decode_stored(blobs, digest), size), wanted)))

        rows = cache.fill(digests, decode, progress=progress, title="decode")
    return cache.open(), rows


def embed_all(
    network: "keras.Model",
    origin: str,
    digests: Sequence[str],
    pixels: NDArray[np.uint8],
    rows: NDArray[np.int64],
    folder: Path,
    progress: Progress,
) -> NDArray[np.float32]:
    """Return the frozen embeddings [n, d] of the pictures at ``rows`` of ``pixels``, computing those that are new.

    ``network`` maps pixels to pooled features; the cache is named by it, its input size, the ``origin`` of its
    weights and the code that builds it: a head fitted on what older code saw would be of no use to the network.
    """
    size, width = network.input_shape[1], network.output_shape[1]
    name = f"embeddings-{DECODER}-{network.name}-{origin}-{size}-{networks_code()}"
    cache = RowCache(folder / name, (width,), np.float32)
    row_of = dict(zip(digests, rows.tolist(), strict=True))

    # Seconds, which a run that finds everything embedded need not wait for.
    compiled = cache_result(lambda: frozen(network))

    def embed(wanted: Sequence[str]) -> NDArray[np.float32]:
        return compiled()(pixels[[row_of[digest] for digest in wanted]])

    found = cache.fill(digests, embed, 256, progress, "embed")
    return np.array(cache.open()[found])
