"""Put one checked picture into the store: the blob first, then the rows, so that no row lacks its bytes."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.blobs import Blobs
from store.pictures import Picture
from store.tables import Image, Label, Origin, Sighting


@dataclass(frozen=True)
class SightingFacts:
    """Where a picture was seen; ``(source, post, position)`` names the place once and for all."""

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


@dataclass(frozen=True)
class LabelFacts:
    """What somebody says of a picture."""

    concept: str
    value: str
    origin: Origin
    by: str
    reason: str | None = None
    round_id: int | None = None


@dataclass(frozen=True)
class Filed:
    """What filing changed."""

    image_id: int
    new_image: bool
    new_sighting: bool


def file_picture(
    session: Session,
    blobs: Blobs,
    data: bytes,
    picture: Picture,
    sighting: SightingFacts,
    label: LabelFacts | None = None,
) -> Filed:
    """File ``data`` with where it was seen and what is said of it; filing the same again changes nothing.

    The label is appended only with a sighting that is new: a second run of an import adds no second voice.
    Raises StoreError when the blob cannot be written.
    """
    blobs.put(data)
    image_id = session.scalar(select(Image.id).where(Image.sha256 == picture.sha256))
    new_image = image_id is None
    if image_id is None:
        image_id = _insert_image(session, picture)
    place = (
        Sighting.source == sighting.source,
        Sighting.post == sighting.post,
        Sighting.position == sighting.position,
    )
    seen = session.scalar(select(Sighting.id).where(*place, Sighting.image_id == image_id))
    if seen is not None:
        return Filed(image_id, new_image, new_sighting=False)
    # The place shows another picture than before (an edited post, a replaced file): the place moves with it.
    for stale in session.scalars(select(Sighting).where(*place)):
        session.delete(stale)
    session.flush()
    session.add(Sighting(image_id=image_id, **vars(sighting)))
    if label is not None:
        session.add(Label(image_id=image_id, **{**vars(label), "origin": label.origin.value}))
    session.flush()
    return Filed(image_id, new_image, new_sighting=True)


def _insert_image(session: Session, picture: Picture) -> int:
    row = Image(**vars(picture))
    session.add(row)
    session.flush()
    return row.id
