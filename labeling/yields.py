"""What a round has yielded: how many answers, and how many of them changed the label (mission row F6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeling.rounds import answers
from store.opinions import heard
from store.tables import Bucket, Label, Round, RoundItem


@dataclass(frozen=True)
class Yield:
    """How far people have come with (a bucket of) a round; ``corrected`` answers changed the label."""

    total: int
    answered: int
    corrected: int

    @property
    def share_corrected(self) -> float | None:
        """Corrected of answered, 0..1; None while nothing is answered (mission row F6's yield)."""
        return self.corrected / self.answered if self.answered else None


def progress(session: Session, asked: Round) -> dict[Bucket, Yield]:
    """Return what every bucket of the round has yielded so far, empty buckets too."""
    corrected = _corrected(session, asked)
    rows = session.execute(select(RoundItem.image_id, RoundItem.bucket).where(RoundItem.round_id == asked.id)).all()
    return {bucket: _yield([row.image_id for row in rows if row.bucket == bucket], corrected) for bucket in Bucket}


def total(parts: Iterable[Yield]) -> Yield:
    """Return the sum of the buckets."""
    listed = list(parts)
    return Yield(
        sum(part.total for part in listed),
        sum(part.answered for part in listed),
        sum(part.corrected for part in listed),
    )


def _corrected(session: Session, asked: Round) -> dict[int, bool]:
    """Say of every answered item whether the answer differs from what was held before the round."""
    query = (
        select(Label)
        .join(RoundItem, (RoundItem.image_id == Label.image_id) & (RoundItem.round_id == asked.id))
        .where(
            Label.concept == asked.concept,
            Label.round_id.is_distinct_from(asked.id),
            Label.created_at <= asked.created_at,
        )
        .order_by(Label.image_id, Label.created_at, Label.id)
    )
    said = groupby(session.scalars(query), key=lambda label: label.image_id)
    before = {image_id: label.value for image_id, labels in said for label in heard(labels)[-1:]}
    return {image_id: answer != before.get(image_id) for image_id, answer in answers(session, asked).items()}


def _yield(image_ids: list[int], corrected: dict[int, bool]) -> Yield:
    answered = [corrected[image_id] for image_id in image_ids if image_id in corrected]
    return Yield(len(image_ids), len(answered), sum(answered))
