"""Replacing a folder, killed at every rename."""

import subprocess
import sys
from pathlib import Path

import pytest

from store.errors import StoreError
from store.folders import heal, replace_folder

KILLED = """
import os, signal, sys
from pathlib import Path
from store.folders import replace_folder

rename, left = Path.rename, int(sys.argv[2])

def rename_and_die(path, target):
    global left
    rename(path, target)
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

Path.rename = rename_and_die
folder = Path(sys.argv[1])
replace_folder(folder / "model", folder / "fresh")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "model", "older")
    fill(tmp_path / "fresh", "newer")
    return tmp_path


def fill(folder: Path, says: str) -> None:
    folder.mkdir()
    (folder / "one.txt").write_text(says)
    (folder / "other.txt").write_text(says)


def words(folder: Path) -> set[str]:
    return {file.read_text() for file in folder.iterdir()}


def test_a_folder_is_replaced_whole_and_leaves_nothing_beside_it(folder: Path):
    (folder / "model" / "gone.txt").write_text("older")

    replace_folder(folder / "model", folder / "fresh")

    assert [path.name for path in folder.iterdir()] == ["model"]
    assert {path.name for path in (folder / "model").iterdir()} == {"one.txt", "other.txt"}
    assert words(folder / "model") == {"newer"}


def test_one_that_is_not_there_yet_is_put_there(folder: Path):
    replace_folder(folder / "first", folder / "fresh")

    assert words(folder / "first") == {"newer"}


@pytest.mark.parametrize(("renames", "says"), [(1, "older"), (2, "newer")])
def test_a_kill_after_any_rename_leaves_one_of_them_whole(folder: Path, renames: int, says: str):
    killed = subprocess.run([sys.executable, "-c", KILLED, folder, str(renames)], check=False)
    assert killed.returncode == -9

    heal(folder / "model")
    assert words(folder / "model") == {says}

    fill(folder / "newest", "newest")
    replace_folder(folder / "model", folder / "newest")
    assert words(folder / "model") == {"newest"}
    assert not list(folder.glob(".*"))


def test_a_folder_that_cannot_be_replaced_is_named_and_stays(folder: Path):
    with pytest.raises(StoreError, match="model"):
        replace_folder(folder / "model", folder / "not there")

    heal(folder / "model")
    assert words(folder / "model") == {"older"}
