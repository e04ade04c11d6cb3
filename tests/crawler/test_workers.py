"""Work spread over processes."""

import math
import os

import pytest

from crawler.workers import CHUNK, in_parallel
from store.errors import FlinchError


@pytest.mark.parametrize("count", [0, 1, 20 * CHUNK + 1])
def test_results_come_in_the_order_of_the_items(count):
    assert list(in_parallel(math.sqrt, list(range(count)), processes=2)) == [math.sqrt(n) for n in range(count)]


def test_an_error_of_the_work_is_raised_after_the_results_before_it():
    results = in_parallel(int, [*map(str, range(200)), "no number"], processes=2)
    before = [next(results) for _ in range(150)]

    with pytest.raises(ValueError, match="no number"):
        list(results)

    assert before == list(range(150))


def test_a_process_that_dies_is_an_error_in_one_line():
    with pytest.raises(FlinchError, match="a worker process died"):
        list(in_parallel(os._exit, [9] * 200, processes=2))


def test_a_consumer_that_stops_early_leaves_no_work_behind():
    results = in_parallel(math.sqrt, list(range(10_000)), processes=2)

    assert next(results) == 0
    results.close()
