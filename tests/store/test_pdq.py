import json
from pathlib import Path

import numpy as np
import pytest

from store.pdq import pdq
from tests.store.pdq_answers import drawn

ANSWERS = json.loads(Path(__file__).with_name("pdq_answers.json").read_text())


@pytest.mark.parametrize(("width", "height", "recipe", "code", "quality"), ANSWERS)
def test_the_hash_is_the_one_of_the_authors_own_code(
    width: int, height: int, recipe: int, code: str, quality: int
) -> None:
    """Given a drawn picture and what Meta's C++ said of it,
    when it is hashed here,
    then the bits, their order and the quality are the same, so stores filled by either stay comparable.
    """
    found, found_quality = pdq(drawn(width, height, recipe))

    # Another processor's rounding may let two frequencies beside the median change places.
    assert (int.from_bytes(found) ^ int(code, 16)).bit_count() <= 2
    assert found_quality == quality


def test_a_picture_too_small_to_hash_gives_zeros() -> None:
    """Given a strip of 4 x 512 pixels,
    when it is hashed,
    then the answer is the reference's: no bits and no quality.
    """
    assert pdq(np.full((4, 512, 3), 200, np.uint8)) == (bytes(32), 0)


def test_half_of_the_bits_are_set() -> None:
    """Given a picture without ties in its spectrum,
    when it is hashed,
    then 128 of the 256 bits are set, since the threshold is the lower median.
    """
    code, _ = pdq(np.random.default_rng(5).integers(0, 256, (200, 300, 3), np.uint8))

    assert int.from_bytes(code).bit_count() == 128
