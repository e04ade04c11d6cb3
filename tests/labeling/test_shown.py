from hypothesis import given
from hypothesis import strategies as st

from labeling.rounds import Item
from labeling.shown import plain, table
from store.tables import Bucket


def test_a_title_from_the_network_cannot_drive_the_terminal():
    title = "\x1b[2J\x1b]0;owned\x07 lotus\r\n\u202egnp.exe\u200b"

    shown = plain(title, 80)

    assert shown == "\ufffd[2J\ufffd]0;owned\ufffd lotus \ufffdgnp.exe\ufffd"


@given(st.text(), st.integers(1, 40))
def test_whatever_comes_is_one_printable_line_of_the_width(text, width):
    shown = plain(text, width)

    assert len(shown) <= width
    assert shown.isprintable()


def test_a_row_shows_what_a_person_needs():
    item = Item(
        "3f9a1c0b" * 8, Bucket.FALSE_POSITIVE, 0, 0.98123, "normal", None, "r/pics", None, "https://a.b/c.jpg"
    )

    heading, line = table([item])

    assert heading.split() == ["sha256", "bucket", "p", "label", "answer", "source", "title"]
    assert line.split() == ["3f9a1c0b3f9a", "false_positive", "0.981", "normal", "-", "r/pics", "https://a.b/c.jpg"]
