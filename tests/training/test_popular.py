"""The popular test set: the charts' pictures once each, frozen with a date, and never trained on."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from store.config import load_config
from store.errors import InputError
from store.filing import LabelFacts, SightingFacts, file_picture
from store.pictures import Picture
from store.tables import Origin, Sighting
from training.popular import NORMAL, freeze_popular, popular_file, read_popular
from training.snapshot import NEAR_DUPLICATES, freeze
from training.splits import POPULAR

CONCEPT = load_config("trypophobia")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def file(session, store, number, label, pdq=None, seen_at=NOW, post=None, **sighting):
    """File the picture ``number`` as a crawler would: in its listings, with its votes, seen at a moment."""
    code = np.random.default_rng(number).bytes(32) if pdq is None else pdq
    picture = Picture(f"{number:064x}", "PNG", 200, 200, 3, code, 100)
    facts = SightingFacts(
        f"reddit:{'trypophobia' if label == 'trypophobia' else 'pics'}", post or f"{number}", **sighting
    )
    said = LabelFacts("trypophobia", label, Origin.WEAK, facts.source)
    filed = file_picture(session, store.blobs, b"%d" % number, picture, facts, said)
    session.query(Sighting).filter_by(source=facts.source, post=facts.post, position=facts.position).update(
        {"seen_at": seen_at}
    )
    return filed.image_id


@pytest.fixture
def crawled(store):
    """300 normal and 60 positive posts, the higher its number the more votes; all of them once at the top."""
    with store.session() as session:
        for number in range(300):
            file(session, store, number, "normal", listing="new top:all", score=number)
        for number in range(1000, 1060):
            file(session, store, number, "trypophobia", listing="top:all", score=number)
    return store


def frozen(store, tmp_path, now=NOW):
    with store.session() as session:
        return freeze_popular(session, CONCEPT, tmp_path, now)


def numbers(popular):
    return {int(picture.sha256, 16) for picture in popular.pictures}


def test_the_top_hundred_normal_and_the_top_25_positive_pictures_of_all_time(crawled, tmp_path):
    popular = frozen(crawled, tmp_path)

    assert numbers(popular) == {*range(200, 300), *range(1035, 1060)}
    assert popular.counts() == {"normal": 100, "trypophobia": 25}
    assert popular.frozen_at == "2026-11-20T12:00:00Z"
    best = next(picture for picture in popular.pictures if picture.label == "normal")
    assert (best.rank, best.score, best.listing, best.source) == (1, 299, "top:all", "reddit:pics")


def test_day_week_and_month_are_charts_of_their_own_and_overlaps_count_once(crawled, tmp_path):
    with crawled.session() as session:
        for number in range(400, 480):
            file(session, crawled, number, "normal", listing="top:day top:week", score=number - 1000)
        for number in range(500, 510):
            past = NOW - timedelta(days=20)
            file(session, crawled, number, "normal", listing="top:week top:month", score=-5000, seen_at=past)

    popular = frozen(crawled, tmp_path)

    # Of the 80 of the day the best fifty, which are the week's too; what was the week's 20 days ago is the month's.
    assert numbers(popular) >= {*range(430, 480), *range(500, 510)}
    assert popular.counts()["normal"] == 100 + 50 + 10
    assert popular.duplicates == 50


def test_reposts_and_further_pictures_of_an_album_count_once(crawled, tmp_path):
    code = np.random.default_rng(299).bytes(32)
    near = bytes([code[0] ^ 0b11]) + code[1:]
    with crawled.session() as session:
        file(session, crawled, 700, "normal", near, listing="top:all", score=298)
        file(session, crawled, 701, "normal", post="299", position=1, listing="top:all", score=299)

    popular = frozen(crawled, tmp_path)

    assert 299 in numbers(popular)
    assert not {700, 701} & numbers(popular)
    assert popular.duplicates == 1


def test_a_frozen_set_is_not_changed_by_later_votes(crawled, tmp_path):
    before = frozen(crawled, tmp_path)
    data = popular_file(tmp_path, "trypophobia").read_bytes()

    with crawled.session() as session:
        file(session, crawled, 900, "normal", listing="top:all", score=10**6)
    after = frozen(crawled, tmp_path, NOW + timedelta(days=30))

    assert after == before == read_popular(tmp_path, "trypophobia")
    assert popular_file(tmp_path, "trypophobia").read_bytes() == data


def test_a_snapshot_holds_the_set_and_its_near_duplicates_out_of_training(crawled, tmp_path):
    code = np.random.default_rng(250).bytes(32)
    with crawled.session() as session:
        file(session, crawled, 800, "normal", bytes([code[0] ^ 1]) + code[1:], split="train")
    popular = frozen(crawled, tmp_path)

    with crawled.session() as session:
        snapshot = freeze(session, CONCEPT, tmp_path)

    assert {example.sha256 for example in snapshot.of(POPULAR)} == {p.sha256 for p in popular.pictures}
    assert snapshot.splits == ["train", "val", "test", POPULAR]
    assert snapshot.left_out == {NEAR_DUPLICATES: 1}
    others = {int(example.sha256, 16) for example in snapshot.examples if example.split != POPULAR}
    assert not others & {*numbers(popular), 800}


def test_without_a_crawl_that_has_charts_there_is_nothing_to_freeze(store, tmp_path):
    with store.session() as session:
        for number in range(9):
            file(session, store, number, "normal", listing="new", score=5)

    with pytest.raises(InputError, match=f"'{NORMAL[0].listing}' with its votes; crawl"):
        frozen(store, tmp_path)
    assert read_popular(tmp_path, "trypophobia") is None


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"concept": "c"}', b'{"pictures": [{}]}', b"\xff"])
def test_a_damaged_file_is_refused_in_one_line(tmp_path, damage):
    popular_file(tmp_path, "trypophobia").write_bytes(damage)

    with pytest.raises(InputError, match="is no frozen set of popular pictures") as refused:
        read_popular(tmp_path, "trypophobia")
    assert "\n" not in str(refused.value)
