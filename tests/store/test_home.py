"""The home folder and the settings read at the door."""

import pytest

from store.database import open_store
from store.errors import StoreError
from store.home import Home
from tests.store.disks import filled


def test_the_defaults_are_a_folder_here_and_sqlite_in_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    home = Home.from_environment({})

    assert home.path == tmp_path / ".flinch"
    assert home.database_url == f"sqlite:///{tmp_path}/.flinch/flinch.db"


def test_empty_settings_count_as_unset():
    assert Home.from_environment({"FLINCH_HOME": "", "FLINCH_DATABASE_URL": ""}) == Home.from_environment({})


def test_preparing_makes_the_folders_and_leaves_no_probe(home):
    home.prepare()
    home.prepare()

    names = {path.name for path in home.path.iterdir()}
    assert names == {"blobs", "cache", "snapshots", "runs", "bundles"}


@pytest.mark.parametrize("name", ["a?b", "a#b", "100%41", "two words", "ünï"])
def test_a_home_with_an_odd_name_keeps_its_database_inside(tmp_path, name):
    home = Home.from_environment({"FLINCH_HOME": str(tmp_path / name)})

    open_store(home).close()

    assert (tmp_path / name / "flinch.db").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_read_only_home_is_refused_in_one_line(read_only_folder):
    with pytest.raises(StoreError, match="set FLINCH_HOME to a folder") as caught:
        Home.from_environment({"FLINCH_HOME": str(read_only_folder / "home")}).prepare()

    assert str(read_only_folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_read_only_home_that_exists_already_is_refused_too(home, read_only_folder):
    # What is there already needs no mkdir: only a write shows that the folder takes none.
    with pytest.raises(StoreError, match="set FLINCH_HOME to a folder"):
        Home(read_only_folder, home.database_url).prepare()


def test_a_file_in_the_place_of_the_home_is_refused(tmp_path):
    (tmp_path / "home").write_text("not a folder")

    with pytest.raises(StoreError, match=f"{tmp_path / 'home'}: "):
        Home.from_environment({"FLINCH_HOME": str(tmp_path / "home")}).prepare()


def test_a_full_disk_is_refused_without_leaving_a_probe(small_disk):
    home = Home.from_environment({"FLINCH_HOME": str(small_disk / "home")})
    home.prepare()

    with filled(small_disk), pytest.raises(StoreError, match="the disk is full"):
        home.prepare()

    assert [path.name for path in home.path.iterdir() if path.is_file()] == []
