import json

import pytest
from click.testing import CliRunner

from labeling.commands import BUCKETS, label
from store.tables import Bucket

SHA = "3f9a1c0b" + "0" * 56


@pytest.fixture
def ask(store):
    """Return ``ask(*args) -> stdout``: the command in this process, which spares a second each."""
    settings = {"FLINCH_HOME": str(store.home.path), "FLINCH_DATABASE_URL": store.home.database_url}

    def run(*args: str) -> str:
        return CliRunner(env=settings).invoke(label, args, catch_exceptions=False).stdout

    return run


def test_a_person_works_through_a_round_on_the_command_line(store, ask, add_picture, add_model):
    wrong = add_picture("normal", SHA, title="\x1b[31mlotus")
    unsure = add_picture("normal", "4" * 64)
    add_model({wrong: 0.98, unsure: 0.4})

    made = ask("round")
    again = ask("round")
    listed = ask("list")
    said = ask("set", SHA[:8], "trypophobia", "--by", "ada")
    left = ask("list", "--open", "--json")
    far = ask("progress", "--json")

    assert made.startswith("round 1 of trypophobia-00000001: 2 pictures to look at (budget 500; ambiguous 1")
    assert again == made
    assert "\x1b" not in listed
    assert listed.splitlines()[1].startswith(SHA[:12])
    assert listed.splitlines()[-1] == "round 1: 2 of 2 shown, 0 of 2 answered"
    assert said == ("3f9a1c0b0000  was normal (weak, by r/pics), is trypophobia (human, by ada), round 1\n")
    assert [item["sha256"] for item in json.loads(left)["items"]] == ["4" * 64]
    assert json.loads(far)["buckets"]["false_positive"] == {
        "total": 1,
        "answered": 1,
        "corrected": 1,
        "share_corrected": 1.0,
    }


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize("words", [["list"], ["progress"], ["set", SHA, "normal", "--by", "ada"]], ids=" ".join)
def test_a_training_leaves_nothing_to_do_but_to_ask_for_its_round(store, run_flinch, add_picture, add_model, words):
    add_model({add_picture("normal", SHA): 0.98})

    first = run_flinch("label", *words)
    second = run_flinch("label", *words)

    assert (first.rc, first.stderr) == (0, "round 1 was made of what the newest model doubts\n")
    assert "round 1" in first.stdout
    assert (second.rc, second.stderr) == (0, "")


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_before_the_first_training_an_answer_counts_and_a_list_says_what_is_missing(store, run_flinch, add_picture):
    add_picture("normal", SHA)

    said = run_flinch("label", "set", SHA, "trypophobia", "--by", "ada")
    refused = run_flinch("label", "list")

    assert (said.rc, said.stderr) == (0, "")
    assert "is trypophobia (human, by ada)" in said.stdout
    assert (refused.rc, refused.stdout) == (4, "")
    assert "flinch train" in refused.stderr


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_the_story_of_a_picture_is_told_with_its_file(store, ask, run_flinch, add_picture):
    add_picture("normal", SHA)

    told = ask("show", SHA[:6])
    refused = run_flinch("label", "set", SHA[:6], "norml", "--by", "ada")

    assert told.splitlines()[:2] == [SHA, str(store.blobs.path(SHA))]
    assert "normal         weak    r/pics" in told
    assert (refused.rc, refused.stdout) == (4, "")
    assert refused.stderr == (
        "flinch: 'norml' is no class of 'trypophobia' (did you mean 'normal'?); "
        "the classes are normal, trypophobia\n"
    )


def test_the_buckets_that_can_be_asked_for_are_those_of_the_store():
    # The command names them itself: importing the tables would cost --help a quarter of a second.
    assert set(BUCKETS) == {bucket.value for bucket in Bucket}
