"""Pictures drawn by integers alone, and what the authors' own C++ says of them.

`pdq_answers.json` was made, in the repository's root, by (one line)
    uv run --no-project --with numpy --with pdqhash==0.2.8
        python tests/store/pdq_answers.py > tests/store/pdq_answers.json
"""

import json

import numpy as np
from numpy.typing import NDArray

# Width, height: no shrinking, one axis only, odd windows, the import's 512 pixels, more than that, the smallest.
SIZES = ((512, 512), (512, 341), (97, 512), (64, 64), (65, 63), (33, 400), (150, 129), (700, 1000), (5, 7))
RECIPES = range(5)


def drawn(width: int, height: int, recipe: int) -> NDArray[np.uint8]:
    """Return coloured rings, ramps and blobs [height, width, 3]: no random numbers, no floating point."""
    x, y = np.arange(width)[None, :] * 1000 // width, np.arange(height)[:, None] * 1000 // height
    far = (x - 100 * recipe - 200) ** 2 + (y - 130 * recipe - 100) ** 2
    red = far // (700 + 900 * recipe) + x // 3
    green = (x * (3 + recipe) + y * 2) // 9 + (x * y // (2000 + 500 * recipe))
    blue = (x // (40 + 30 * recipe) + y // (50 + 10 * recipe)) * 85
    # Less and less contrast, for other qualities than 100.
    return np.stack([60 + plane % 256 // (2 * recipe**2 + 2) for plane in (red, green, blue)], axis=-1).astype(
        np.uint8
    )


def main() -> None:
    """Print one line a picture: width, height, recipe, the hash in hex, the quality."""
    import pdqhash

    rows = []
    for width, height in SIZES:
        for recipe in RECIPES:
            bits, quality = pdqhash.compute(drawn(width, height, recipe))
            rows.append([width, height, recipe, np.packbits(bits).tobytes().hex(), int(quality)])
    print("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]")  # noqa: T201 (this is its output)


if __name__ == "__main__":
    main()
