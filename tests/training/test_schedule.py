"""Early stopping and reduce-LR-on-plateau, as one value that survives a restart."""

import json
from dataclasses import asdict

from training.schedule import Schedule


def run(schedule, scores):
    for score in scores:
        schedule = schedule.after(score)
    return schedule


def test_a_plateau_lowers_the_rate_and_then_stops():
    schedule = Schedule(rate=1.0, early_stopping_patience=4, reduce_lr_patience=2)

    plateau = run(schedule, [0.9, 0.9, 0.9, 0.9])

    assert plateau.rate == Schedule.RATE_FACTOR
    assert not plateau.stopped
    assert plateau.after(0.9).stopped
    assert plateau.best_epoch == 0


def test_a_gain_resets_both_waits():
    schedule = run(Schedule(1.0, 3, 2), [0.5, 0.5, 0.6])

    assert (schedule.waited, schedule.waited_for_rate, schedule.improved) == (0, 0, True)


def test_a_schedule_read_back_from_json_goes_on_as_if_nothing_had_happened():
    scores = [0.5, 0.7, 0.7, 0.69, 0.71, 0.71, 0.71]
    whole = run(Schedule(1.0, 4, 2), scores)

    half = run(Schedule(1.0, 4, 2), scores[:3])
    resumed = run(Schedule(**json.loads(json.dumps(asdict(half)))), scores[3:])

    assert resumed == whole
