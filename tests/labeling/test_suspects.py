from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.suspects import Judged, bucket_of, choose, divide
from store.tables import Bucket

EVEN = {Bucket.AMBIGUOUS: 0.34, Bucket.FALSE_POSITIVE: 0.33, Bucket.FALSE_NEGATIVE: 0.33}

pictures = st.lists(
    st.builds(
        Judged,
        image_id=st.integers(1, 10_000),
        positive=st.booleans(),
        probability=st.floats(0, 1),
        answers=st.integers(0, 3),
    ),
    max_size=60,
    unique_by=lambda one: one.image_id,
)


@pytest.mark.parametrize(
    ("positive", "probability", "bucket"),
    [
        (False, 0.99, Bucket.FALSE_POSITIVE),
        (False, 0.51, Bucket.FALSE_POSITIVE),
        (True, 0.01, Bucket.FALSE_NEGATIVE),
        (True, 0.49, Bucket.FALSE_NEGATIVE),
        (True, 0.5, Bucket.AMBIGUOUS),
        (False, 0.5, Bucket.AMBIGUOUS),
        (True, 0.7, Bucket.AMBIGUOUS),
        (False, 0.2, Bucket.AMBIGUOUS),
        (True, 0.99, None),
        (False, 0.01, None),
    ],
)
def test_a_picture_belongs_to_the_bucket_that_its_label_and_probability_say(positive, probability, bucket):
    judged = Judged(1, positive, probability)

    found = bucket_of(judged)

    assert found is bucket


@pytest.mark.parametrize(
    ("answers", "probability", "asked"),
    [(0, 0.6, True), (1, 0.6, False), (1, 0.94, False), (1, 0.96, True), (2, 0.96, False), (3, 1.0, False)],
)
def test_what_a_person_said_is_doubted_once_more_and_only_by_a_strong_contradiction(answers, probability, asked):
    judged = Judged(1, positive=False, probability=probability, answers=answers)

    found = bucket_of(judged)

    assert (found is not None) == asked


def test_the_strongest_contradictions_come_first_and_the_order_of_the_input_does_not_matter():
    judged = [Judged(1, False, 0.6), Judged(2, True, 0.1), Judged(3, False, 0.99), Judged(4, False, 0.45)]

    chosen = choose(judged, 10, EVEN)

    assert [suspect.image_id for suspect in chosen] == [3, 2, 1, 4]
    assert [suspect.rank for suspect in chosen] == [0, 1, 2, 3]
    assert choose(reversed(judged), 10, EVEN) == chosen


def test_a_bucket_takes_its_own_most_suspicious_pictures():
    judged = [Judged(n, False, 0.5 + n / 100) for n in range(1, 41)]

    chosen = choose(judged, 3, {Bucket.FALSE_POSITIVE: 1.0})

    assert [suspect.image_id for suspect in chosen] == [40, 39, 38]


def test_the_ambiguous_bucket_asks_about_the_pictures_nearest_to_evens():
    judged = [Judged(1, True, 0.8), Judged(2, False, 0.49), Judged(3, True, 0.55), Judged(4, False, 0.2)]

    chosen = choose(judged, 2, EVEN)

    assert [suspect.image_id for suspect in chosen] == [2, 3]


def test_what_one_bucket_cannot_use_the_others_get_by_their_shares():
    available = {Bucket.AMBIGUOUS: 1000, Bucket.FALSE_POSITIVE: 1000, Bucket.FALSE_NEGATIVE: 20}

    quotas = divide(500, EVEN, available)

    assert quotas == {Bucket.AMBIGUOUS: 244, Bucket.FALSE_POSITIVE: 236, Bucket.FALSE_NEGATIVE: 20}


def test_a_bucket_without_a_share_gets_only_what_nobody_else_can_use():
    shares = {Bucket.AMBIGUOUS: 0.0, Bucket.FALSE_POSITIVE: 1.0, Bucket.FALSE_NEGATIVE: 0.0}

    quotas = divide(10, shares, {Bucket.AMBIGUOUS: 5, Bucket.FALSE_POSITIVE: 7})

    assert quotas == {Bucket.AMBIGUOUS: 3, Bucket.FALSE_POSITIVE: 7, Bucket.FALSE_NEGATIVE: 0}


@given(judged=pictures, budget=st.integers(0, 80), weights=st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_a_round_never_asks_twice_and_uses_its_budget_while_pictures_are_suspicious(judged, budget, weights):
    shares = dict(zip(Bucket, weights, strict=True))

    chosen = choose(judged, budget, shares)

    suspicious = [one for one in judged if bucket_of(one) is not None]
    assert len(chosen) == min(budget, len(suspicious))
    assert max(Counter(suspect.image_id for suspect in chosen).values(), default=1) == 1
    assert {suspect.image_id for suspect in chosen} <= {one.image_id for one in suspicious}
