import pytest

from store.nearest import did_you_mean, nearest

KNOWN = ("normal", "trypophobia")


@pytest.mark.parametrize(("word", "near"), [("nromal", "normal"), ("trypofobia", "trypophobia"), ("holes", None)])
def test_a_misspelt_word_finds_what_was_meant_and_another_nothing(word, near):
    assert nearest(word, KNOWN) == near


def test_the_question_is_put_behind_the_word_or_left_out():
    assert did_you_mean("nromal", iter(KNOWN)) == " (did you mean 'normal'?)"
    assert did_you_mean("", KNOWN) == ""
    assert did_you_mean("normal", []) == ""
