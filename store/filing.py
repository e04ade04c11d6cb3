"""Put checked pictures into the store: the blobs first, then the rows, so that no row lacks its bytes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import insert, inspect, select
from sqlalchemy.orm import Session

from store.blobs import Blobs
from store.columns import Words, storable
from store.database import lock_writers
from store.pictures import Picture
from store.tables import Image, Label, Origin, Sighting, Table, utc_now

Place = tuple[str, str, int]
Voice = tuple[int, str, str, str | None]


@dataclass(frozen=True)
class SightingFacts:
    """Where a picture was seen; ``(source, post, position)`` names the place once and for all.

    Raises TooLong (an InputError) for a text that the store has no room for.
    """

    source: str
    post: str
    position: int = 0
    listing: str | None = None
    score: int | None = None
    title: str | None = None
    url: str | None = None
    split: str | None = None
    group: str | None = None
    licence: str | None = None
    kind: str | None = None
    hard_negative: bool | None = None

    def __post_init__(self) -> None:
        _as_stored(self, Sighting)

    @property
    def place(self) -> Place:
        """What names the place."""
        return self.source, self.post, self.position


@dataclass(frozen=True)
class LabelFacts:
    """What somebody says of a picture; ``by``, ``reason`` and the concept together are one voice.

    Raises TooLong (an InputError) for a text that the store has no room for.
    """

    concept: str
    value: str
    origin: Origin
    by: str
    reason: str | None = None
    round_id: int | None = None

    def __post_init__(self) -> None:
        _as_stored(self, Label)


@dataclass(frozen=True)
class Filing:
    """One picture whose blob is stored, the place it was seen at, and what is said of it."""

    picture: Picture
    sighting: SightingFacts
    label: LabelFacts | None = None


@dataclass(frozen=True)
class Filed:
    """What filing changed; ``moved``: the place showed another picture before."""

    image_id: int
    new_image: bool
    new_sighting: bool
    moved: bool = False
    new_label: bool = False


def file_picture(
    session: Session,
    blobs: Blobs,
    data: bytes,
    picture: Picture,
    sighting: SightingFacts,
    label: LabelFacts | None = None,
) -> Filed:
    """Store ``data`` and file it with where it was seen and what is said of it.

    Raises StoreError when the blob cannot be written.
    """
    blobs.put(data)
    return file_pictures(session, [Filing(picture, sighting, label)])[0]


def file_pictures(session: Session, filings: Sequence[Filing]) -> list[Filed]:
    """File pictures whose blobs are stored already, in order; filing the same again changes nothing.

    A label is appended when its voice has not said the same of this picture last: a second run of an import adds
    no second voice, an edited manifest is heard. One call makes some five statements however many pictures there
    are; a few hundred a call is right. Other processes that file wait until this session ends.
    """
    lock_writers(session.connection())
    known = _image_ids(session, [filing.picture.sha256 for filing in filings])
    _insert_images(session, [filing.picture for filing in filings if filing.picture.sha256 not in known])
    ids = known | _image_ids(session, [f.picture.sha256 for f in filings if f.picture.sha256 not in known])
    places = _sightings(session, filings)
    voices = _last_words(session, filings, ids)
    new = set(ids) - set(known)
    filed = []
    for filing in filings:
        image_id = ids[filing.picture.sha256]
        before = places.get(filing.sighting.place)
        moved = before is not None and before.image_id != image_id
        places[filing.sighting.place] = _see(session, before, image_id, filing.sighting)
        said = _say(session, voices, image_id, filing.label)
        new_image = filing.picture.sha256 in new
        new.discard(filing.picture.sha256)
        filed.append(Filed(image_id, new_image, before is None or moved, moved, said))
    session.flush()
    return filed


def _as_stored(facts: SightingFacts | LabelFacts, table: type[Table]) -> None:
    """Rewrite the texts as they will come back, so that facts and rows can be compared."""
    columns = inspect(table).columns
    for name, value in vars(facts).items():
        kind = columns[name].type
        if isinstance(kind, Words) and isinstance(value, str) and not isinstance(value, Origin):
            object.__setattr__(facts, name, storable(value, kind.length))


def _image_ids(session: Session, digests: Sequence[str]) -> dict[str, int]:
    query = select(Image.sha256, Image.id).where(Image.sha256.in_(set(digests)))
    return {row.sha256: row.id for row in session.execute(query)}


def _insert_images(session: Session, pictures: Sequence[Picture]) -> None:
    values = list({picture.sha256: asdict(picture) for picture in pictures}.values())
    if values:
        session.execute(insert(Image), values)


def _sightings(session: Session, filings: Sequence[Filing]) -> dict[Place, Sighting]:
    rows = session.scalars(
        select(Sighting).where(
            Sighting.source.in_({filing.sighting.source for filing in filings}),
            Sighting.post.in_({filing.sighting.post for filing in filings}),
        )
    )
    return {(row.source, row.post, row.position): row for row in rows}


def _last_words(session: Session, filings: Sequence[Filing], ids: dict[str, int]) -> dict[Voice, str]:
    labels = [filing.label for filing in filings if filing.label is not None]
    if not labels:
        return {}
    rows = session.execute(
        select(Label.image_id, Label.concept, Label.by, Label.reason, Label.value)
        .where(
            Label.image_id.in_(set(ids.values())),
            Label.concept.in_({label.concept for label in labels}),
            Label.by.in_({label.by for label in labels}),
        )
        .order_by(Label.created_at, Label.id)
    )
    return {(image_id, concept, by, reason): value for image_id, concept, by, reason, value in rows}


def _see(session: Session, before: Sighting | None, image_id: int, facts: SightingFacts) -> Sighting:
    """Add or correct one sighting; a place that shows another picture now moves to that picture."""
    if before is None:
        row = Sighting(image_id=image_id, **vars(facts))
        session.add(row)
        return row
    if before.image_id != image_id:
        before.image_id = image_id
        before.seen_at = utc_now()
    for name, value in vars(facts).items():
        setattr(before, name, value)
    return before


def _say(session: Session, voices: dict[Voice, str], image_id: int, label: LabelFacts | None) -> bool:
    if label is None:
        return False
    voice = (image_id, label.concept, label.by, label.reason)
    if voices.get(voice) == label.value:
        return False
    voices[voice] = label.value
    session.add(Label(image_id=image_id, **{**vars(label), "origin": label.origin.value}))
    return True
