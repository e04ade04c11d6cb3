"""From a picture to the pixels that a model takes: the half of its contract that lies outside the network.

"stretch-triangle": decode to 8-bit sRGB over white (store/pictures.py), then resize the whole picture to a square,
its aspect ignored, by Pillow's antialiased BILINEAR: first the width, then the height, each rounded to 8 bits.
The extension does the same in extension/src/preprocess.ts.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from store.pictures import decode


def preprocess(data: bytes, size: int) -> NDArray[np.uint8]:
    """Return pixels [size, size, 3], RGB, of a picture's bytes; UnreadablePicture with its reason."""
    return stretch(decode(data), size)


def stretch(image: Image.Image, size: int) -> NDArray[np.uint8]:
    """Return an RGB image as pixels [size, size, 3]."""
    # Two calls: since version 13 Pillow chooses the order of the passes by the shape, and rounding shows it.
    narrowed = image.resize((size, image.height), Image.Resampling.BILINEAR)
    return np.asarray(narrowed.resize((size, size), Image.Resampling.BILINEAR), np.uint8)
