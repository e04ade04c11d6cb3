"""Progress: a bar where a person looks, nothing where none does."""

import os
import subprocess
import sys

import pytest

from store.progress import track

TRACK = "from store.progress import track; print(sum(track(range(100), 'Counting')))"


def test_everything_is_yielded_in_order():
    assert list(track(iter("abc"), "Reading", total=3)) == ["a", "b", "c"]


def test_an_error_of_the_work_passes_through():
    with pytest.raises(ZeroDivisionError):
        list(track((1 // number for number in (1, 0)), "Dividing", total=2))


def test_a_pipe_sees_no_bar():
    ended = subprocess.run([sys.executable, "-c", TRACK], capture_output=True, text=True, check=True)

    assert (ended.stdout, ended.stderr) == ("4950\n", "")


def test_a_terminal_sees_the_bar_on_stderr_only():
    ours, theirs = os.openpty()
    ended = subprocess.run(
        [sys.executable, "-c", TRACK],
        env={**os.environ, "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        check=True,
    )
    os.close(theirs)
    seen = os.read(ours, 100_000).decode()
    os.close(ours)

    assert ended.stdout == "4950\n"
    assert "Counting" in seen
    assert "100/100" in seen
