"""Readers' reports come back as pictures: in quarantine, since a report may be a mistake or a prank.

A report is done when it has a sighting (source ``feedback``, post = its id); the rest is tried again by the next
crawl, until it is 30 days old. Nothing but URL, verdict and time is known of it, and nothing else is asked for or
kept.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import String, cast, select

from crawler.fetch import Fetched, FetchError
from crawler.workers import in_chunks
from store.config import Concept
from store.database import Store
from store.filing import Filing, LabelFacts, SightingFacts, file_pictures
from store.pictures import Picture, UnreadablePicture, check
from store.progress import track
from store.tables import Feedback, Origin, Sighting

log = logging.getLogger(__name__)

SOURCE = "feedback"
READER = "reader"
# A picture that could not be had by then is gone; its host is not asked for ever.
PATIENCE = timedelta(days=30)
# Fetching waits; it does not compute.
THREADS = 8
# Few: their bytes are all in memory.
BATCH = 8


@dataclass(frozen=True)
class Report:
    """One reader's word on one picture."""

    id: int
    url: str
    verdict: str
    reported_at: datetime


@dataclass(frozen=True)
class Outcome:
    """What a URL gave: bytes, or the reason why there are none."""

    url: str
    data: bytes = b""
    reason: str = ""


@dataclass(frozen=True)
class Crawled:
    """What a crawl did; ``failed`` counts reports by reason."""

    filed: int
    new_images: int
    failed: dict[str, int]


def crawl_feedback(store: Store, concept: Concept, fetch: Callable[[str], Fetched], now: datetime) -> Crawled:
    """Fetch every reported picture that is not filed yet, once a URL, and file it with one label a report.

    A report of more than 30 days before ``now`` (UTC) counts as ``expired``, one of a class that is gone as
    ``unknown_verdict``; neither is fetched. ``fetch`` returns bytes or raises FetchError.
    Raises StoreError when the store cannot take it.
    """
    failed: Counter[str] = Counter()
    wanted = list(_wanted(_waiting(store, concept.concept), concept.classes, now, failed))
    reports = {url: list(same) for url, same in groupby(wanted, key=lambda report: report.url)}
    filed = new_images = 0
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = (outcome for urls in in_chunks(reports, BATCH) for outcome in pool.map(_fetcher(fetch), urls))
        for batch in in_chunks(track(outcomes, "Fetching reports", len(reports)), BATCH):
            filings = list(_filings(batch, reports, concept, store, failed))
            with store.session() as session:
                done = file_pictures(session, filings)
            filed += len(done)
            new_images += sum(one.new_image for one in done)
            log.info("batch of reports filed=%d failed=%s", filed, dict(failed))
    return Crawled(filed, new_images, dict(sorted(failed.items())))


def _waiting(store: Store, concept: str) -> list[Report]:
    """Return the reports without a sighting, those of one URL together."""
    done = select(Sighting.id).where(Sighting.source == SOURCE, Sighting.post == cast(Feedback.id, String))
    query = (
        select(Feedback.id, Feedback.url, Feedback.verdict, Feedback.reported_at)
        .where(Feedback.concept == concept, ~done.exists())
        .order_by(Feedback.url, Feedback.id)
    )
    with store.session() as session:
        return [Report(*row) for row in session.execute(query)]


def _wanted(
    reports: list[Report], classes: tuple[str, ...], now: datetime, failed: Counter[str]
) -> Iterator[Report]:
    for report in reports:
        if report.reported_at < now - PATIENCE:
            failed["expired"] += 1
        elif report.verdict not in classes:
            failed["unknown_verdict"] += 1
        else:
            yield report


def _fetcher(fetch: Callable[[str], Fetched]) -> Callable[[str], Outcome]:
    def outcome(url: str) -> Outcome:
        try:
            return Outcome(url, fetch(url).data)
        except FetchError as error:
            return Outcome(url, reason=error.reason)

    return outcome


def _filings(
    outcomes: list[Outcome], reports: dict[str, list[Report]], concept: Concept, store: Store, failed: Counter[str]
) -> Iterator[Filing]:
    for outcome in outcomes:
        waiting = reports[outcome.url]
        try:
            picture = _picture(outcome, store)
        except (FetchError, UnreadablePicture) as error:
            failed[error.reason] += len(waiting)
            continue
        for report in waiting:
            yield _filing(concept, report, picture)


def _picture(outcome: Outcome, store: Store) -> Picture:
    if outcome.reason:
        raise FetchError(outcome.reason)
    picture = check(outcome.data)
    store.blobs.put(outcome.data)
    return picture


def _filing(concept: Concept, report: Report, picture: Picture) -> Filing:
    sighting = SightingFacts(SOURCE, str(report.id), url=report.url)
    label = LabelFacts(concept.concept, report.verdict, Origin.REPORT, READER, reason=f"report {report.id}")
    return Filing(picture, sighting, label)
