"""PDQ says which pictures look alike; the bands find them all."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from store.near_duplicates import WORTHLESS_QUALITY, Groups, NearDuplicates, near_duplicate_groups
from store.pictures import check, decode, perceptual_hash
from tests.pictures import encoded, gradient, jpeg, noise, png


def distance(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def flipped(code: bytes, bits: list[int]) -> bytes:
    number = int.from_bytes(code)
    for bit in bits:
        number ^= 1 << bit
    return number.to_bytes(32)


def brute_force(codes: list[bytes], limit: int) -> list[int]:
    """Name every code's group by its smallest member, by looking at all pairs until nothing changes."""
    groups = list(range(len(codes)))
    pairs = [(a, b) for a, b in combinations(range(len(codes)), 2) if distance(codes[a], codes[b]) <= limit]
    for _ in codes:
        for a, b in pairs:
            groups[a] = groups[b] = min(groups[a], groups[b])
    return groups


def test_the_same_picture_in_other_bytes_has_nearly_the_same_hash():
    photograph = Image.fromarray(np.asarray(noise(5, 20, 20))).resize((400, 400), Image.Resampling.BICUBIC)
    original = check(encoded(photograph, "PNG"))
    versions = [
        encoded(photograph, "JPEG", quality=30),
        encoded(photograph, "WEBP", quality=50),
        encoded(photograph.resize((250, 250)), "PNG"),
        encoded(photograph.convert("L"), "JPEG"),
    ]

    distances = [distance(original.pdq, check(data).pdq) for data in versions]

    assert max(distances) <= 31
    assert original.pdq_quality > WORTHLESS_QUALITY


def test_other_pictures_have_hashes_that_differ_in_about_half_of_the_bits():
    codes = [check(png(seed)).pdq for seed in range(20)]

    distances = [distance(one, other) for one, other in combinations(codes, 2)]

    assert min(distances) > 80
    assert 118 < np.mean(distances) < 138


def test_the_hash_does_not_depend_on_the_bytes_but_on_what_is_displayed():
    data = jpeg(7)

    assert check(data).pdq == check(encoded(decode(data), "PNG")).pdq


def test_a_hash_sets_half_of_its_bits_because_it_compares_with_the_median():
    bits = [int.from_bytes(check(png(seed, 256, 256)).pdq).bit_count() for seed in range(5)]

    assert bits == [128] * 5


@pytest.mark.parametrize("picture", [Image.new("RGB", (64, 64), (9, 9, 9)), gradient(64, 64)])
def test_a_flat_picture_has_a_hash_of_worthless_quality(picture):
    assert perceptual_hash(picture)[1] <= WORTHLESS_QUALITY


@pytest.mark.parametrize("limit", [0, 1, 8, 15, 16, 30, 31])
def test_every_planted_neighbour_is_found_and_nothing_beyond_the_limit(limit):
    rng = np.random.default_rng(limit)
    base = rng.bytes(32)
    index = NearDuplicates(limit)
    planted = [flipped(base, rng.choice(256, bits, replace=False).tolist()) for bits in range(60)]
    for code in [*planted, *(rng.bytes(32) for _ in range(1500))]:
        index.add(code)

    assert index.query(base).tolist() == list(range(limit + 1))


def test_the_worst_spread_of_31_bits_over_the_bands_is_found_wherever_it_lies():
    # One band differs in one bit, the fifteen others in two: no band is equal, one is within a bit.
    code = bytes(range(32))
    index = NearDuplicates()
    index.add(code)

    for lone in range(256):
        others = [16 * band + bit for band in range(16) if band != lone // 16 for bit in (3, 9)]
        spread = flipped(code, [lone, *others])
        assert distance(code, spread) == 31
        assert index.query(spread).tolist() == [0]


@pytest.mark.parametrize("limit", [-1, 32])
def test_a_distance_that_the_bands_cannot_promise_is_refused(limit):
    with pytest.raises(ValueError, match="up to 31 bits"):
        NearDuplicates(limit)


def test_an_empty_index_finds_nothing():
    assert NearDuplicates().query(bytes(32)).tolist() == []
    assert near_duplicate_groups([], []).tolist() == []


@given(st.data(), st.integers(0, 31))
@settings(max_examples=60)
def test_groups_are_those_that_looking_at_all_pairs_finds(data, limit):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    codes = [rng.bytes(32) for _ in range(6)]
    for _ in range(data.draw(st.integers(0, 24))):
        bits = data.draw(st.integers(0, 40))
        codes.append(flipped(codes[rng.integers(len(codes))], rng.choice(256, bits, replace=False).tolist()))

    groups = near_duplicate_groups(codes, [100] * len(codes), limit)

    assert groups.tolist() == brute_force(codes, limit)


def test_a_chain_of_neighbours_is_one_group_though_its_ends_are_far_apart():
    codes = [flipped(bytes(32), list(range(20 * link))) for link in (3, 0, 2, 1)]

    groups = near_duplicate_groups(codes, [100] * 4)

    assert distance(codes[0], codes[1]) == 60
    assert groups.tolist() == [0, 0, 0, 0]


def test_a_hash_of_worthless_quality_is_alone_and_joins_nobody():
    codes = [bytes(32)] * 5

    groups = near_duplicate_groups(codes, [100, WORTHLESS_QUALITY, 50, 0, 100])

    assert groups.tolist() == [0, 1, 0, 3, 0]


def test_real_pictures_fall_into_the_groups_that_they_were_made_in():
    versions = [check(jpeg(seed, 128, 128, quality=quality)) for seed in range(4) for quality in (95, 80, 60)]

    groups = near_duplicate_groups([v.pdq for v in versions], [v.pdq_quality for v in versions])

    assert groups.tolist() == [0, 0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9]


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19))))
def test_a_group_is_named_by_its_smallest_member_in_whatever_order_it_grew(joins):
    groups = Groups(20)
    for one, other in joins:
        groups.join(one, other)

    expected = list(range(20))
    for _ in range(20):
        for one, other in joins:
            expected[one] = expected[other] = min(expected[one], expected[other])
    assert groups.roots().tolist() == expected
