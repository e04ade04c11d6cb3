"""The current label of a picture, derived from everything that was ever said of it.

A person outweighs a source; the newest person wins; a reader's report weighs nothing until people agree with it
by labelling the picture themselves. Disagreement stays visible.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.tables import Image, Label, Origin


@dataclass(frozen=True)
class Opinion:
    """What is held to be true of one picture now, and on whose word."""

    image_id: int
    sha256: str
    value: str
    origin: Origin
    by: str
    disagreement: bool


def current_opinions(session: Session, concept: str) -> list[Opinion]:
    """Return one opinion a picture that has any label of ``concept`` which counts, ordered by image id."""
    query = (
        select(Label.image_id, Image.sha256, Label.value, Label.origin, Label.by)
        .join(Image, Image.id == Label.image_id)
        .where(Label.concept == concept, Label.origin != Origin.REPORT.value)
        .order_by(Label.image_id, Label.created_at, Label.id)
    )
    rows = session.execute(query).all()
    return [
        _decide(image_id, [(row.sha256, row.value, Origin(row.origin), row.by) for row in said])
        for image_id, said in groupby(rows, key=lambda row: row.image_id)
    ]


def _decide(image_id: int, said: list[tuple[str, str, Origin, str]]) -> Opinion:
    """``said`` is in order of time, oldest first, and not empty."""
    people = [word for word in said if word[2] is Origin.HUMAN]
    heard = people or said
    sha256, value, origin, by = heard[-1]
    return Opinion(image_id, sha256, value, origin, by, _disagree(heard))


def _disagree(heard: Iterable[tuple[str, str, Origin, str]]) -> bool:
    """Two voices differ; one person who changed his mind does not disagree with himself."""
    last_word = {by: value for _, value, _, by in heard}
    return len(set(last_word.values())) > 1
