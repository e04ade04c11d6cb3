"""What goes into the store comes out the same on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from store.columns import TooLong, storable
from store.errors import InputError
from store.tables import Feedback, Model, Tombstone, utc_now


def model(**changes) -> Model:
    facts = {
        "concept": "trypophobia",
        "bundle_id": "trypophobia-1",
        "path": "bundles/1",
        "snapshot_id": "0" * 64,
        "backbone": "mobilenet_v1",
        "metrics": {},
    }
    return Model(**{**facts, **changes})


def test_a_moment_comes_back_in_utc_and_aware_of_it(store):
    tokyo = timezone(timedelta(hours=9))
    said = datetime(2026, 3, 1, 8, 0, 0, 123456, tzinfo=tokyo)
    with store.session() as session:
        session.add(Feedback(concept="trypophobia", url="https://a.example/", verdict="cover", reported_at=said))

    with store.session() as session:
        back = session.scalars(select(Feedback.reported_at)).one()
        later = session.scalars(select(Feedback.id).where(Feedback.reported_at > said)).all()
        same = session.scalars(select(Feedback.id).where(Feedback.reported_at == said)).all()

    assert back == said
    assert back.tzinfo is UTC
    assert (len(later), len(same)) == (0, 1)
    assert utc_now() - back > timedelta(0)


def test_a_moment_without_a_zone_is_refused(store):
    with pytest.raises(Exception, match="says no time zone"), store.session() as session:
        session.add(Feedback(concept="c", url="u", verdict="v", reported_at=datetime(2026, 3, 1)))


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("plain", "plain"),
        ("a \0 in a title", "a \\x00 in a title"),
        (b"caf\xe9.jpg".decode("utf-8", "surrogateescape"), "caf\\udce9.jpg"),
        ("日本 \U0001f41d", "日本 \U0001f41d"),
    ],
)
def test_text_that_no_database_takes_becomes_a_readable_escape(store, given_text, kept):
    with store.session() as session:
        session.add(Tombstone(sha256="0" * 64, source="folder", reason=given_text, models=[]))

    with store.session() as session:
        assert session.scalars(select(Tombstone.reason)).one() == kept
        assert session.scalars(select(Tombstone.id).where(Tombstone.reason == given_text)).one()


@given(st.text(st.characters(codec=None)))
def test_every_text_becomes_storable_and_then_stays_as_it_is(text):
    kept = storable(text)

    assert "\0" not in kept
    assert kept.encode().decode() == kept
    assert storable(kept) == kept


def test_a_text_that_is_too_long_is_refused_in_one_line_on_both_databases(store):
    with (
        pytest.raises(TooLong, match=r"'sss.*' has 201 characters, the store keeps 200") as caught,
        store.session() as s,
    ):
        s.add(Tombstone(sha256="0" * 64, source="s" * 201, reason="", models=[]))

    assert isinstance(caught.value, InputError)
    with store.session() as session:
        assert session.scalars(select(Tombstone.id)).all() == []


def test_a_text_of_just_the_length_is_kept(store):
    with store.session() as session:
        session.add(Tombstone(sha256="0" * 64, source="ü" * 200, reason="", models=[]))

    with store.session() as session:
        assert session.scalars(select(Tombstone.source)).one() == "ü" * 200


def test_metrics_come_back_as_they_were_and_what_json_cannot_say_is_null(store):
    metrics = {
        "val": {"auc": 0.5, "n": 3},
        "undefined": float("nan"),
        "list": [float("inf"), 1, "x\0y"],
        "pair": (1.5, -float("inf")),
    }
    with store.session() as session:
        session.add(model(metrics=metrics))

    with store.session() as session:
        back = session.scalars(select(Model.metrics)).one()

    assert back == {"val": {"auc": 0.5, "n": 3}, "undefined": None, "list": [None, 1, "x\0y"], "pair": [1.5, None]}
