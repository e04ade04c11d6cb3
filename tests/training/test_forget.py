"""What no training has used of late goes; what one may be at stays."""

import os
import time

from training.forget import KEPT, LATELY, forget_unused


def test_the_oldest_that_nobody_used_for_a_day_go(tmp_path):
    folders = [tmp_path / "answers" / f"{number:02d}" for number in range(KEPT["answers"] + 2)]
    for age, folder in enumerate(folders):
        folder.mkdir(parents=True)
        (folder / "answers-000.npz").write_bytes(b"said")
        moment = time.time() - LATELY - 60 * age - 60
        os.utime(folder, (moment, moment))
    (tmp_path / "answers" / "00.lock").touch()
    other = tmp_path / "weights"
    other.mkdir()

    assert forget_unused(tmp_path) == folders[KEPT["answers"] :]
    assert [folder.is_dir() for folder in folders] == [True] * KEPT["answers"] + [False] * 2
    assert other.is_dir()


def test_what_was_used_today_stays_however_much_it_is(tmp_path):
    for number in range(KEPT["fits"] + 5):
        (tmp_path / "fits" / str(number)).mkdir(parents=True)

    assert forget_unused(tmp_path) == []
    assert len(list((tmp_path / "fits").iterdir())) == KEPT["fits"] + 5


def test_a_home_without_a_cache_has_nothing_to_forget(tmp_path):
    assert forget_unused(tmp_path / "nowhere") == []
