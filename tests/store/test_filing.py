"""Filing: a picture is one row, a place shows one picture, a voice says a thing once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from store.columns import TooLong
from store.database import open_store
from store.filing import Filed, Filing, LabelFacts, SightingFacts, file_picture, file_pictures
from store.opinions import current_opinions
from store.pictures import Picture, check
from store.tables import Image, Label, Origin, Sighting
from tests.pictures import jpeg, png

HERE = SightingFacts(source="r/pics", post="abc", title="a title", url="https://a.example/1.png")
NORMAL = LabelFacts("trypophobia", "normal", Origin.WEAK, "r/pics")


def file(store, data: bytes, sighting: SightingFacts = HERE, label: LabelFacts | None = NORMAL) -> Filed:
    with store.session() as session:
        return file_picture(session, store.blobs, data, check(data), sighting, label)


def counts(store) -> tuple[int, int, int]:
    with store.session() as session:
        return tuple(session.scalar(select(func.count()).select_from(row)) for row in (Image, Sighting, Label))


def test_a_filed_picture_has_its_bytes_its_facts_its_place_and_its_label(store):
    data = png(1)

    filed = file(store, data)

    assert filed == Filed(filed.image_id, new_image=True, new_sighting=True, moved=False, new_label=True)
    with store.session() as session:
        image = session.get(Image, filed.image_id)
        sighting = session.scalars(select(Sighting)).one()
        label = session.scalars(select(Label)).one()
        picture = check(data)
        assert (image.sha256, image.pdq, image.pdq_quality) == (picture.sha256, picture.pdq, picture.pdq_quality)
        assert (image.size, image.format, image.width, image.height) == (len(data), "PNG", 96, 64)
        assert (sighting.image_id, sighting.source, sighting.title) == (image.id, "r/pics", "a title")
        assert (label.image_id, label.value, label.origin, label.by) == (image.id, "normal", "weak", "r/pics")
        assert store.blobs.get(image.sha256) == data


def test_filing_the_same_again_changes_nothing(store):
    first = file(store, png(1))

    again = file(store, png(1))

    assert again == Filed(first.image_id, new_image=False, new_sighting=False)
    assert counts(store) == (1, 1, 1)


def test_the_same_picture_at_another_place_is_one_picture_seen_twice(store):
    first = file(store, png(1))

    second = file(store, png(1), SightingFacts(source="r/pics", post="def"))

    assert (second.image_id, second.new_image, second.new_sighting) == (first.image_id, False, True)
    assert counts(store)[:2] == (1, 2)


def test_two_pictures_of_one_post_are_two_places(store):
    file(store, png(1), SightingFacts(source="r/pics", post="album", position=0))

    filed = file(store, png(2), SightingFacts(source="r/pics", post="album", position=1))

    assert not filed.moved
    assert counts(store)[:2] == (2, 2)


def test_a_place_that_shows_another_picture_moves_to_it(store):
    file(store, png(1))

    filed = file(store, png(2))

    assert (filed.new_image, filed.new_sighting, filed.moved) == (True, True, True)
    assert counts(store)[:2] == (2, 1)
    with store.session() as session:
        assert session.scalars(select(Sighting.image_id)).one() == filed.image_id


def test_what_a_place_says_of_itself_may_be_corrected(store):
    file(store, png(1))

    filed = file(store, png(1), SightingFacts(source="r/pics", post="abc", title="edited", score=7))

    assert not filed.new_sighting
    with store.session() as session:
        assert session.execute(select(Sighting.title, Sighting.score)).one() == ("edited", 7)


def test_a_voice_that_says_something_else_is_heard_and_the_old_word_stays(store):
    file(store, png(1))

    filed = file(store, png(1), label=LabelFacts("trypophobia", "trypophobia", Origin.WEAK, "r/pics"))

    assert filed.new_label
    assert counts(store) == (1, 1, 2)
    with store.session() as session:
        assert [opinion.value for opinion in current_opinions(session, "trypophobia")] == ["trypophobia"]


def test_one_batch_may_hold_the_same_picture_and_the_same_place_twice(store):
    pictures = [check(png(seed)) for seed in (1, 1, 2)]
    elsewhere = SightingFacts(source="r/pics", post="def")
    for seed in (1, 2):
        store.blobs.put(png(seed))

    with store.session() as session:
        filed = file_pictures(
            session,
            [
                Filing(pictures[0], HERE, NORMAL),
                Filing(pictures[1], elsewhere, NORMAL),
                Filing(pictures[2], HERE, NORMAL),
            ],
        )

    assert [f.new_image for f in filed] == [True, False, True]
    assert [f.moved for f in filed] == [False, False, True]
    assert [f.new_label for f in filed] == [True, False, True]
    assert counts(store) == (2, 2, 2)


def test_an_empty_batch_files_nothing(store):
    with store.session() as session:
        assert file_pictures(session, []) == []


def test_a_file_name_of_odd_bytes_is_filed_once(store):
    odd = b"caf\xe9/\0.jpg".decode("utf-8", "surrogateescape")
    sighting = SightingFacts(source="folder", post=odd)
    label = LabelFacts("trypophobia", "normal", Origin.WEAK, "folder", reason=odd)
    file(store, jpeg(1), sighting, label)

    again = file(store, jpeg(1), SightingFacts(source="folder", post=odd), label)

    assert (again.new_sighting, again.new_label) == (False, False)
    assert counts(store) == (1, 1, 1)


def test_a_place_with_too_long_a_name_is_refused_before_anything_is_filed():
    with pytest.raises(TooLong, match="has 601 characters, the store keeps 600"):
        SightingFacts(source="folder", post="p" * 601)
    with pytest.raises(TooLong, match="has 65 characters, the store keeps 64"):
        LabelFacts("trypophobia", "v" * 65, Origin.WEAK, "folder")


def test_the_longest_place_fits_the_index(store):
    # Random text does not compress, and every character takes three bytes.
    words = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(600))

    filed = file(store, png(1), SightingFacts(source=words[:200], post=words))

    assert filed.new_sighting


def test_an_error_within_a_session_leaves_no_row(store):
    with pytest.raises(ZeroDivisionError), store.session() as session:
        file_picture(session, store.blobs, png(1), check(png(1)), HERE, NORMAL)
        raise ZeroDivisionError

    assert counts(store) == (0, 0, 0)


def test_filers_at_the_same_time_file_everything_once(store):
    pictures: list[Picture] = [check(png(seed, 40, 40)) for seed in range(40)]
    filings = [Filing(p, SightingFacts("folder", f"{number}.png"), NORMAL) for number, p in enumerate(pictures)]

    def import_all(order: int) -> None:
        own = open_store(store.home)
        for begin in range(0, 40, 8):
            batch = filings[begin : begin + 8]
            with own.session() as session:
                # In opposite orders, which without a lock ends in a deadlock or in a broken constraint.
                file_pictures(session, batch[::order])
        own.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(import_all, [1, -1, 1, -1]))

    assert counts(store) == (40, 40, 40)
