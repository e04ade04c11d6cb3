"""What a person says of one picture: found by the start of its sha256, appended, never changed."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeling.rounds import find_newest_round
from store.config import Concept
from store.errors import InputError
from store.nearest import did_you_mean
from store.opinions import heard
from store.tables import Image, Label, Origin, RoundItem

PREFIX = re.compile(r"[0-9a-f]{6,64}")
LONGEST_NAME = 200
LONGEST_REASON = 2000


@dataclass(frozen=True)
class Word:
    """One label as it was said."""

    value: str
    origin: Origin
    by: str
    reason: str | None
    round_id: int | None
    created_at: datetime


@dataclass(frozen=True)
class Answered:
    """What recording an answer changed; ``before`` is None for a picture of which nothing had been held."""

    sha256: str
    before: Word | None
    now: Word


def find_picture(session: Session, prefix: str) -> Image:
    """Return the picture whose sha256 starts with ``prefix`` (6 to 64 hex digits).

    Raises InputError when none or several do.
    """
    prefix = prefix.lower()
    if not PREFIX.fullmatch(prefix):
        raise InputError(f"'{prefix[:80]}' is no picture: give the first 6 or more hex digits of its sha256")
    between = Image.sha256.between(prefix.ljust(64, "0"), prefix.ljust(64, "f"))
    found = session.scalars(select(Image).where(between).order_by(Image.sha256).limit(3)).all()
    if not found:
        raise InputError(f"no picture's sha256 starts with '{prefix}'; see: flinch label list")
    if len(found) > 1:
        several = ", ".join(image.sha256[: len(prefix) + 6] for image in found)
        raise InputError(f"'{prefix}' is the start of several pictures ({several}, ...): give more digits")
    return found[0]


def record_answer(
    session: Session, concept: Concept, prefix: str, value: str, by: str, reason: str | None = None
) -> Answered:
    """Append what the person ``by`` says of a picture, as an answer to the newest round if that asks about it.

    Raises InputError for an unknown picture, class or an unusable name or reason.
    """
    if value not in concept.classes:
        raise InputError(
            f"'{value}' is no class of '{concept.concept}'{did_you_mean(value, concept.classes)}; "
            f"the classes are {', '.join(concept.classes)}"
        )
    by = _one_line("--by", by, LONGEST_NAME)
    reason = None if reason is None else _one_line("--reason", reason, LONGEST_REASON)
    image = find_picture(session, prefix)
    before = current(history(session, concept.concept, image.id))
    label = Label(
        image_id=image.id,
        concept=concept.concept,
        value=value,
        origin=Origin.HUMAN.value,
        by=by,
        reason=reason,
        round_id=_newest_round_with(session, concept.concept, image.id),
    )
    session.add(label)
    session.flush()
    return Answered(image.sha256, before, _word(label))


def history(session: Session, concept: str, image_id: int) -> list[Word]:
    """Return everything that was said of a picture, oldest first, readers' reports included."""
    query = select(Label).where(Label.concept == concept, Label.image_id == image_id)
    return [_word(label) for label in session.scalars(query.order_by(Label.created_at, Label.id))]


def current(said: list[Word]) -> Word | None:
    """Return the word that counts of what was ``said``, oldest first; None when none does."""
    return next(reversed(heard(said)), None)


def _newest_round_with(session: Session, concept: str, image_id: int) -> int | None:
    newest = find_newest_round(session, concept)
    if newest is None:
        return None
    return session.scalar(
        select(RoundItem.round_id).where(RoundItem.round_id == newest.id, RoundItem.image_id == image_id)
    )


def _one_line(option: str, text: str, longest: int) -> str:
    text = text.strip()
    if not 0 < len(text) <= longest or not text.isprintable():
        raise InputError(f"{option}: give one line of 1 to {longest} printable characters")
    return text


def _word(label: Label) -> Word:
    return Word(label.value, Origin(label.origin), label.by, label.reason, label.round_id, label.created_at)
