"""The rows: facts are appended, state is derived (``store.opinions``).

Enumerations are stored by value as text, so that a new value needs no migration of a native type.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from store.columns import Moment, Words


def utc_now() -> datetime:
    """Return the time now, in UTC, aware of it."""
    return datetime.now(UTC)


class Origin(StrEnum):
    """Where a label comes from, which decides how much it weighs."""

    HUMAN = "human"
    WEAK = "weak"
    # A reader's report is quarantined: it is kept beside the picture and never becomes an opinion by itself.
    REPORT = "report"


class Bucket(StrEnum):
    """Why a picture was put before a person (mission row A9)."""

    AMBIGUOUS = "ambiguous"
    FALSE_POSITIVE = "false_positive"
    FALSE_NEGATIVE = "false_negative"


class Table(DeclarativeBase):
    """The base of all rows."""

    # SQLite cannot drop a constraint that has no name: every later migration needs these.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _moment() -> Mapped[datetime]:
    return mapped_column(Moment, default=utc_now)


class Image(Table):
    """One picture by its bytes; ``pdq`` is its 256-bit perceptual hash in 32 bytes."""

    __tablename__ = "images"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(Words(64), unique=True)
    pdq: Mapped[bytes] = mapped_column(LargeBinary(32))
    pdq_quality: Mapped[int]
    size: Mapped[int]
    format: Mapped[str] = mapped_column(Words(16))
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[datetime] = _moment()


class Sighting(Table):
    """Where and when a picture was seen; ``post`` and ``position`` are the source's own names for the place."""

    __tablename__ = "sightings"
    __table_args__ = (UniqueConstraint("source", "post", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id"), index=True)
    source: Mapped[str] = mapped_column(Words(200))
    # Bounded, because PostgreSQL indexes at most 2,704 bytes a row.
    post: Mapped[str] = mapped_column(Words(600))
    position: Mapped[int] = mapped_column(default=0)
    listing: Mapped[str | None] = mapped_column(Words(64))
    score: Mapped[int | None]
    title: Mapped[str | None] = mapped_column(Words)
    url: Mapped[str | None] = mapped_column(Words)
    # What an imported manifest declares; a snapshot honours both.
    split: Mapped[str | None] = mapped_column(Words(32))
    group: Mapped[str | None] = mapped_column("group_name", Words(200))
    licence: Mapped[str | None] = mapped_column(Words)
    # What it shows, in the collector's word, and whether it was collected because it resembles the other class.
    kind: Mapped[str | None] = mapped_column(Words(100))
    hard_negative: Mapped[bool | None]
    seen_at: Mapped[datetime] = _moment()


class Label(Table):
    """One person's or source's word on one picture; rows are never changed."""

    __tablename__ = "labels"
    __table_args__ = (Index("ix_labels_concept_image", "concept", "image_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id"))
    concept: Mapped[str] = mapped_column(Words(64))
    value: Mapped[str] = mapped_column(Words(64))
    origin: Mapped[str] = mapped_column(Words(16))
    by: Mapped[str] = mapped_column("by_whom", Words(200))
    reason: Mapped[str | None] = mapped_column(Words)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"))
    created_at: Mapped[datetime] = _moment()


class Model(Table):
    """One finished bundle; ``path`` is where it was written, ``metrics`` is what it says of itself.

    ``created_at`` is when a training last ended in it, be it that the run was found finished (``store.models``).
    """

    __tablename__ = "models"

    id: Mapped[int] = mapped_column(primary_key=True)
    concept: Mapped[str] = mapped_column(Words(64))
    bundle_id: Mapped[str] = mapped_column(Words(128), unique=True)
    path: Mapped[str] = mapped_column(Words)
    snapshot_id: Mapped[str] = mapped_column(Words(64))
    backbone: Mapped[str] = mapped_column(Words(64))
    metrics: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = _moment()


class Prediction(Table):
    """What a model says of a picture that it was not fitted on; ``probability`` is the positive class's."""

    __tablename__ = "predictions"
    __table_args__ = (UniqueConstraint("model_id", "image_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id"), index=True)
    probability: Mapped[float]
    # True: a fold's head on frozen embeddings judged a training picture; False: the model judged a held-out one.
    out_of_fold: Mapped[bool]


class Round(Table):
    """One round of second looks, made after a training."""

    __tablename__ = "rounds"

    id: Mapped[int] = mapped_column(primary_key=True)
    concept: Mapped[str] = mapped_column(Words(64))
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    budget: Mapped[int]
    created_at: Mapped[datetime] = _moment()


class RoundItem(Table):
    """One picture of a round, the bucket that chose it, and its rank within the round (0 is first)."""

    __tablename__ = "round_items"
    __table_args__ = (UniqueConstraint("round_id", "image_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id"))
    bucket: Mapped[str] = mapped_column(Words(32))
    rank: Mapped[int]
    probability: Mapped[float]


class Feedback(Table):
    """A reader's report: the picture's URL, the verdict and the time. Nothing else is ever kept.

    ``concept`` says which service took it; it is a setting of the service, not something about the reader.
    """

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    concept: Mapped[str] = mapped_column(Words(64))
    url: Mapped[str] = mapped_column(Words)
    verdict: Mapped[str] = mapped_column(Words(64))
    reported_at: Mapped[datetime] = _moment()


class Tombstone(Table):
    """What was purged because its source deleted it, and which models had seen it."""

    __tablename__ = "tombstones"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(Words(64), index=True)
    source: Mapped[str] = mapped_column(Words(200))
    url: Mapped[str | None] = mapped_column(Words)
    reason: Mapped[str] = mapped_column(Words)
    models: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = _moment()
