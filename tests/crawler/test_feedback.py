"""Readers' reports come back as pictures in quarantine."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from crawler.feedback import Crawled, crawl_feedback
from crawler.fetch import Caps, Fetcher
from store.config import load_config
from store.opinions import current_opinions
from store.tables import Feedback, Image, Label, Sighting
from tests.fakes.image_host import ImageHost
from tests.pictures import png

CONCEPT = load_config("trypophobia")
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def host() -> Iterator[ImageHost]:
    with ImageHost() as running:
        yield running


def report(
    store, *urls: str, verdict: str = "trypophobia", concept: str = "trypophobia", at: datetime = NOW
) -> None:
    with store.session() as session:
        session.add_all(Feedback(concept=concept, url=url, verdict=verdict, reported_at=at) for url in urls)


def crawl(store, allowed=lambda _: True) -> Crawled:
    with Fetcher(Caps(max_bytes=100_000, seconds=0.5), allowed) as fetcher:
        return crawl_feedback(store, CONCEPT, fetcher.fetch, NOW)


def test_a_report_becomes_a_picture_with_a_quarantined_label(store, host):
    report(store, host.url())

    crawled = crawl(store)

    assert crawled == Crawled(filed=1, new_images=1, failed={})
    with store.session() as session:
        (label,) = session.scalars(select(Label)).all()
        assert (label.value, label.origin, label.by) == ("trypophobia", "report", "reader")
        (sighting,) = session.scalars(select(Sighting)).all()
        assert (sighting.source, sighting.url) == ("feedback", host.url())
        assert current_opinions(session, "trypophobia") == []
        assert store.blobs.get(session.scalars(select(Image.sha256)).one()) == png()


def test_a_report_is_handled_once_and_each_report_of_a_url_has_its_own_label(store, host):
    report(store, host.url(), host.url())
    report(store, host.url(), verdict="normal")
    crawl(store)

    again = crawl(store)

    assert again == Crawled(filed=0, new_images=0, failed={})
    assert host.count("/good.png") == 1
    with store.session() as session:
        labels = session.scalars(select(Label).order_by(Label.id)).all()
        assert [label.value for label in labels] == ["trypophobia", "trypophobia", "normal"]
        assert len(session.scalars(select(Image.id)).all()) == 1
        assert len({label.reason for label in labels}) == 3


def test_failures_are_counted_asked_for_once_a_run_and_tried_again_next_time(store, host):
    report(store, host.url("/late.png"), host.url("/late.png"), host.url("/html"), host.url("/robots?tag=noai"))
    report(store, "data:image/png;base64,AAAA", "file:///etc/passwd", host.url("/endless"), host.url("/silent"))

    first = crawl(store)
    asked = host.count("/late.png")
    host.pictures["/late.png"] = png(7)
    second = crawl(store)

    assert first.filed == 0
    assert first.failed == {
        "http_404": 2,
        "not_an_image": 1,
        "opted_out": 1,
        "refused_scheme": 2,
        "too_many_bytes": 1,
        "too_slow": 1,
    }
    assert asked == 1
    assert (second.filed, second.new_images) == (2, 1)


def test_reports_of_another_concept_or_with_a_class_that_is_gone_wait_and_nobody_is_asked(store, host):
    report(store, host.url(), concept="nsfw")
    report(store, host.url(), verdict="holes")

    assert crawl(store) == Crawled(filed=0, new_images=0, failed={"unknown_verdict": 1})
    assert host.connections == 0
    assert not list(store.blobs.root.rglob("*"))


def test_a_report_is_given_up_after_thirty_days_and_its_host_is_left_in_peace(store, host):
    report(store, host.url("/status/404"), at=NOW - timedelta(days=30, seconds=1))
    report(store, host.url(), at=NOW - timedelta(days=30))

    crawled = crawl(store)

    assert crawled == Crawled(filed=1, new_images=1, failed={"expired": 1})
    assert host.count("/status/404") == 0


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_the_command_refuses_local_addresses_unless_told_otherwise(store, host, run_flinch):
    report(store, host.url(), at=datetime.now(UTC))

    refused = run_flinch("crawl", "feedback", "--json")
    allowed = run_flinch("crawl", "feedback", "--allow-private")

    assert (refused.rc, refused.stderr) == (0, "")
    assert json.loads(refused.stdout) == {"filed": 0, "new_images": 0, "failed": {"private_address": 1}}
    assert allowed.stdout.splitlines() == [
        "reports filed      1   in quarantine; 1 of their pictures are new",
        "failed             0",
    ]
    assert host.connections == 1
