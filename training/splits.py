"""Which split a picture belongs to; pure, stable as the store grows, and safe against near-duplicates.

A group (near-duplicates, or what a manifest declared as one) never crosses splits. Splits that were given at
import are kept; the rest is decided by a hash of the group's picture that was labelled first, so that a new label
moves other pictures only where it makes two groups one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from store.config import Shares

TRAIN, VAL, TEST = "train", "val", "test"
# Pictures that people voted to the top, frozen with a date (training/popular.py); held out like test.
POPULAR = "popular"


@dataclass(frozen=True)
class Member:
    """One picture on its way into a snapshot: its group's name and the split its source declared, if any."""

    group: str
    given: str | None


def assign_splits(members: Sequence[Member], shares: Shares) -> list[str | None]:
    """Return a split for every member, or None for one that must stay out.

    Left out are near-duplicates of frozen pictures: whoever is in the group of a given test picture without being
    given to test himself would either leak it into training or count it twice.
    """
    given: dict[str, set[str]] = {}
    for member in members:
        if member.given:
            given.setdefault(member.group, set()).add(member.given)
    return [_split(member, given.get(member.group, set()), shares) for member in members]


def _split(member: Member, given: set[str], shares: Shares) -> str | None:
    if not given:
        return split_by_hash(member.group, shares)
    home = min(given, key=_protection)
    if member.given == home:
        return home
    # Only the splits that are tuned on take in near-duplicates nobody asked for.
    return home if member.given is None and home in (TRAIN, VAL) else None


def _protection(split: str) -> tuple[int, str]:
    """Test and every further held-out split (ood, ...) outrank val, which outranks train."""
    return {TRAIN: 2, VAL: 1}.get(split, 0), split


def split_by_hash(group: str, shares: Shares) -> str:
    """Return train, val or test for a group's name; the same name always gets the same answer."""
    bucket = int(sha256(group.encode()).hexdigest(), 16) % 100
    if bucket < shares.test:
        return TEST
    return VAL if bucket < shares.test + shares.val else TRAIN
