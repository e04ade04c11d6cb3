"""Early stopping and the rate's decay, as one value that survives a restart."""

import json
from dataclasses import asdict

import pytest

from training.fitting.schedule import Schedule


def schedule(**changes):
    return Schedule(**{"rate": 1.0, "early_stopping_patience": 4, "reduce_lr_patience": 2, "epochs": 20} | changes)


def run(state, scores):
    for score in scores:
        state = state.after(score)
    return state


def test_a_plateau_lowers_the_rate_and_then_stops():
    plateau = run(schedule(), [0.9, 0.9, 0.9, 0.9])

    assert plateau.rate == Schedule.RATE_FACTOR
    assert not plateau.stopped
    assert plateau.after(0.9).stopped
    assert plateau.best_epoch == 0


def test_a_gain_resets_both_waits():
    state = run(schedule(early_stopping_patience=3), [0.5, 0.5, 0.6])

    assert (state.waited, state.waited_for_rate, state.improved) == (0, 0, True)


def test_the_last_epoch_stops_whatever_the_score_does():
    rising = run(schedule(epochs=3), [0.1, 0.2, 0.3])

    assert rising.stopped
    assert schedule(epochs=0).stopped


def test_a_cosine_falls_from_the_first_rate_to_nothing():
    rates = [run(schedule(epochs=4, decay="cosine"), [0.1 * n for n in range(done)]).rate for done in range(5)]

    assert rates == pytest.approx([1.0, 0.8536, 0.5, 0.1464, 0.0], abs=1e-4)


def test_a_cosine_goes_to_its_end_and_keeps_it_though_an_earlier_epoch_was_luckier():
    state = run(schedule(epochs=8, decay="cosine", best=0.5), [0.9, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6])

    assert not state.stopped
    assert run(state, [0.7]).stopped
    assert (run(state, [0.7]).best, run(state, [0.7]).best_epoch) == (0.7, 7)


def test_a_cosine_that_ends_worse_than_it_began_keeps_its_last_epoch_that_was_better():
    state = run(schedule(epochs=4, decay="cosine", best=0.5), [0.6, 0.55, 0.4, 0.45])

    assert (state.best, state.best_epoch) == (0.55, 1)
    assert run(schedule(epochs=2, decay="cosine", best=0.5), [0.4, 0.5]).best_epoch == -1


def test_an_exponential_decay_asks_no_score():
    assert run(schedule(decay="exponential"), [0.5, 0.6, 0.6, 0.6]).rate == pytest.approx(0.95**4)


@pytest.mark.parametrize("decay", ["plateau", "exponential", "cosine"])
def test_a_schedule_read_back_from_json_goes_on_as_if_nothing_had_happened(decay):
    scores = [0.5, 0.7, 0.7, 0.69, 0.71, 0.71, 0.71]
    whole = run(schedule(decay=decay), scores)

    half = run(schedule(decay=decay), scores[:3])
    resumed = run(Schedule(**json.loads(json.dumps(asdict(half)))), scores[3:])

    assert resumed == whole
