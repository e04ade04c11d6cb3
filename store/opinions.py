"""The current label of a picture, derived from everything that was ever said of it.

A person outweighs a source; the newest person wins; a reader's report weighs nothing until people agree with it
by labelling the picture themselves. Disagreement stays visible.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.tables import Image, Label, Origin


class Said(Protocol):
    """Anything that somebody said of a picture: a row, or a copy of one."""

    @property
    def origin(self) -> str:
        """Return a value of ``Origin``."""


AnySaid = TypeVar("AnySaid", bound=Said)


@dataclass(frozen=True)
class Opinion:
    """What is held to be true of one picture now, and on whose word."""

    image_id: int
    sha256: str
    value: str
    origin: Origin
    by: str
    disagreement: bool
    since: int  # the id of the picture's first label that counts: ids grow, and no label ever goes


def heard(said: Iterable[AnySaid]) -> list[AnySaid]:
    """Return what counts of all that was said of one picture, in the order given.

    That is people's words, or sources' while no person spoke; reports never. Given oldest first, the last one is
    the current label.
    """
    counting = [word for word in said if word.origin != Origin.REPORT]
    return [word for word in counting if word.origin == Origin.HUMAN] or counting


def current_opinions(session: Session, concept: str) -> list[Opinion]:
    """Return one opinion a picture that has any label of ``concept`` which counts, ordered by image id."""
    query = (
        select(Label.image_id, Label.id, Image.sha256, Label.value, Label.origin, Label.by)
        .join(Image, Image.id == Label.image_id)
        .where(Label.concept == concept, Label.origin != Origin.REPORT.value)
        .order_by(Label.image_id, Label.created_at, Label.id)
    )
    rows = session.execute(query).all()
    return [
        _decide(image_id, [_Voice(row.sha256, row.value, Origin(row.origin), row.by, row.id) for row in said])
        for image_id, said in groupby(rows, key=lambda row: row.image_id)
    ]


class _Voice(NamedTuple):
    sha256: str
    value: str
    origin: Origin
    by: str
    label_id: int


def _decide(image_id: int, said: list[_Voice]) -> Opinion:
    """``said`` is in order of time, oldest first, without reports and not empty."""
    voices = heard(said)
    current, since = voices[-1], min(voice.label_id for voice in said)
    return Opinion(image_id, current.sha256, current.value, current.origin, current.by, _disagree(voices), since)


def _disagree(voices: list[_Voice]) -> bool:
    """Two voices differ; one person who changed his mind does not disagree with himself."""
    last_word = {voice.by: voice.value for voice in voices}
    return len(set(last_word.values())) > 1
