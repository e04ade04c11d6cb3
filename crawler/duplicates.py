"""Whom a picture resembles: its own bytes and its near-duplicates among everything that the store holds."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from crawler.candidates import UNLABELLED
from store.database import Store
from store.near_duplicates import WORTHLESS_QUALITY, NearDuplicates
from store.opinions import current_opinions
from store.pictures import Picture
from store.tables import Image, Origin


@dataclass(frozen=True)
class Neighbour:
    """A stored picture ``distance`` bits of 256 away (0: the same bytes or as good as that), and its class."""

    sha256: str
    label: str
    distance: int


@dataclass(frozen=True)
class Met:
    """What a picture met: whether a near-duplicate was there, and the nearest picture of another class, if any."""

    near_duplicate: bool
    conflict: Neighbour | None


class Neighbours:
    """The PDQ hashes of a store, read once and then growing with an import."""

    def __init__(self, store: Store, concept: str, distance: int) -> None:
        """``distance``: up to how many of 256 bits two pictures are near-duplicates, 0..31."""
        self._store = store
        self._concept = concept
        self._distance = distance
        self._index: NearDuplicates | None = None
        # By position in the index: (image id, sha256, hash).
        self._members: list[tuple[int, str, bytes]] = []
        self._labels: dict[int, str] = {}
        self._by_people: set[int] = set()

    def read(self) -> None:
        """Read the store as it is now; only the first call does, so that a run without news pays nothing."""
        if self._index is not None:
            return
        self._index = NearDuplicates(self._distance)
        with self._store.session() as session:
            for row in session.execute(select(Image.id, Image.sha256, Image.pdq, Image.pdq_quality)):
                self._add(row.id, row.sha256, row.pdq, row.pdq_quality)
            for opinion in current_opinions(session, self._concept):
                self._labels[opinion.image_id] = opinion.value
                if opinion.origin is Origin.HUMAN:
                    self._by_people.add(opinion.image_id)

    def meet(self, image_id: int, picture: Picture, label: str, new: bool) -> Met:
        """Return what a just filed picture of class ``label`` meets, and count it among the others from now on.

        One that is UNLABELLED contradicts nobody.
        """
        others = [
            (number, self._bits_apart(number, picture.pdq))
            for number in self._near(picture)
            if self._members[number][0] != image_id
        ]
        near = [
            Neighbour(self._members[number][1], self._labels[self._members[number][0]], distance)
            for number, distance in others
            if self._members[number][0] in self._labels
        ]
        if image_id in self._labels:
            near.append(Neighbour(picture.sha256, self._labels[image_id], 0))
        against = [neighbour for neighbour in near if label not in (neighbour.label, UNLABELLED)]
        if new:
            self._add(image_id, picture.sha256, picture.pdq, picture.pdq_quality)
        if image_id not in self._by_people and label != UNLABELLED:
            self._labels[image_id] = label
        return Met(bool(others), min(against, key=lambda neighbour: neighbour.distance, default=None))

    def _near(self, picture: Picture) -> list[int]:
        if self._index is None or picture.pdq_quality <= WORTHLESS_QUALITY:
            return []
        return [int(number) for number in self._index.query(picture.pdq)]

    def _add(self, image_id: int, digest: str, code: bytes, quality: int) -> None:
        if self._index is not None and quality > WORTHLESS_QUALITY:
            self._index.add(code)
            self._members.append((image_id, digest, code))

    def _bits_apart(self, number: int, code: bytes) -> int:
        one, other = (np.frombuffer(bits, np.uint64) for bits in (self._members[number][2], code))
        return int(np.bitwise_count(one ^ other).sum())
