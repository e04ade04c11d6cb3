"""What no training has used of late goes; what one may be at stays."""

import os
import shutil
import time
from pathlib import Path

import pytest

from training.forget import KEPT, LATELY, forget_unused


def unused(kind: Path, count: int) -> list[Path]:
    """Make folders of one kind that nobody used for a day, each a minute longer than the one before."""
    folders = [kind / f"{number:02d}" for number in range(count)]
    for age, folder in enumerate(folders, 1):
        folder.mkdir(parents=True)
        (folder / "answers-000.npz").write_bytes(b"said")
        moment = time.time() - LATELY - 60 * age
        os.utime(folder, (moment, moment))
    return folders


def test_the_oldest_that_nobody_used_for_a_day_go(tmp_path):
    folders = unused(tmp_path / "answers", KEPT["answers"] + 2)
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


def test_a_fit_is_used_when_one_of_its_students_is(tmp_path):
    *others, last, of_students = unused(tmp_path / "fits", KEPT["fits"] + 2)
    long_ago = of_students.stat().st_mtime
    (of_students / "student-1").mkdir()
    os.utime(of_students, (long_ago, long_ago))

    assert forget_unused(tmp_path) == [others[-1], last]
    assert of_students.is_dir()


def test_a_home_without_a_cache_has_nothing_to_forget(tmp_path):
    assert forget_unused(tmp_path / "nowhere") == []


def test_a_kill_half_way_leaves_nothing_under_the_name_and_the_rest_goes_the_next_time(tmp_path, monkeypatch):
    folders = unused(tmp_path / "fits", KEPT["fits"] + 1)

    def killed(*_args, **_options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("training.forget.shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            forget_unused(tmp_path)
    after_the_kill = list((tmp_path / "fits").iterdir())
    forgotten = forget_unused(tmp_path)

    assert folders[-1] not in after_the_kill
    assert len(after_the_kill) == KEPT["fits"] + 1
    assert forgotten == []
    assert sorted((tmp_path / "fits").iterdir()) == folders[:-1]


def test_a_folder_that_another_training_forgets_meanwhile_is_not_there(tmp_path, monkeypatch):
    *others, last, going = unused(tmp_path / "fits", KEPT["fits"] + 2)
    stat = Path.stat

    def stat_and_lose(path, **options):
        found = stat(path, **options)
        if path == going:
            shutil.rmtree(going)
        return found

    monkeypatch.setattr(Path, "stat", stat_and_lose)

    assert forget_unused(tmp_path) == [last]
    assert sorted((tmp_path / "fits").iterdir()) == others
