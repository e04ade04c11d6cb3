"""A lock file is held by one, waited for or refused, and freed when its holder is killed."""

import fcntl
import os
import signal
import subprocess
import sys
import threading

import pytest

from store.errors import InputError, StoreError
from store.locks import MOMENT, locked

HOLDER = """
import pathlib, sys, time
from store.locks import locked
with locked(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_lock_that_another_process_holds_is_refused_and_free_once_it_is_killed(tmp_path):
    path = tmp_path / "made" / "with-it.lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE)
    holder.stdout.readline()

    with pytest.raises(InputError, match="somebody is at it"), locked(path, "somebody is at it"):
        pass
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()

    with locked(path, "somebody is at it"):
        assert path.is_file()


def test_whoever_only_looks_at_a_lock_makes_nobody_else_give_up(tmp_path):
    path = tmp_path / "looked-at.lock"
    with path.open("w") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        threading.Timer(MOMENT / 5, fcntl.flock, (looking, fcntl.LOCK_UN)).start()

        with locked(path, "somebody is at it"):
            pass


def test_a_lock_that_cannot_be_made_is_a_store_error(read_only_folder):
    with pytest.raises(StoreError, match="set FLINCH_HOME"), locked(read_only_folder / "x.lock"):
        pass
