"""Pictures that are drawn, not found: what an empty store is filled with, so that a first run needs no network."""

import io
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from PIL import Image as Pixels
from sqlalchemy import select

from crawler.workers import in_chunks, in_parallel
from store.blobs import Blobs, write_atomically
from store.config import Concept
from store.database import Store
from store.filing import Filing, LabelFacts, SightingFacts, file_pictures
from store.pictures import Picture, check
from store.progress import track
from store.tables import Label, Origin, Sighting
from synthetic import Drawing, contact_sheet, draw

log = logging.getLogger(__name__)

BATCH = 200
# Of a thousand. The rest are JPEGs of varied quality, as on the web; neither may tell the class.
PNG_SHARE = 125
JPEG_QUALITIES = range(78, 97)


@dataclass(frozen=True)
class Plan:
    """Which pictures are drawn; number ``n`` is the same picture whatever the count, so that sets can grow."""

    seed: int
    count: int
    positive_share: float

    @property
    def source(self) -> str:
        """What the store calls these pictures."""
        return f"synthetic:{self.seed}"

    def is_positive(self, number: int) -> bool:
        """Spread the positives evenly, so that every beginning of the set has nearly their share."""
        return int((number + 1) * self.positive_share) > int(number * self.positive_share)

    def chance(self, number: int, purpose: str, below: int) -> int:
        """Return a number in 0..below-1 that depends on the seed, the number and the purpose alone."""
        digest = sha256(f"{self.seed}/{number}/{purpose}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % below


@dataclass(frozen=True)
class Drawn:
    """One picture whose bytes are stored."""

    number: int
    picture: Picture
    positive: bool
    kind: str


@dataclass(frozen=True)
class Synthesized:
    """What a run drew, by class, and how many were there before."""

    kept: dict[str, int]
    already_there: int


def synthesize(store: Store, concept: Concept, plan: Plan) -> Synthesized:
    """Draw and file the pictures of ``plan`` that the store has not got; doing it again changes nothing.

    Raises StoreError when they cannot be written; what was committed before stays.
    """
    there = _numbers_there(store, concept.concept, plan)
    missing = [number for number in range(plan.count) if number not in there]
    kept = Counter(dict.fromkeys(concept.classes, 0))
    drawn = in_parallel(partial(draw_and_store, store.blobs, plan), missing)
    for batch in in_chunks(track(drawn, "Drawing", len(missing)), BATCH):
        filings = [_filing(concept, plan, one) for one in batch]
        with store.session() as session:
            file_pictures(session, filings)
        kept.update(filing.label.value for filing in filings if filing.label is not None)
        log.info("batch drawn kept=%s", dict(kept))
    return Synthesized(dict(kept), plan.count - len(missing))


def fill_if_empty(store: Store, concept: Concept, plan: Plan, say: Callable[[str], None]) -> Synthesized:
    """Do as ``synthesize``, but only where no other picture of the concept is labelled; ``say`` is told why first.

    A filling that was interrupted is completed: drawn pictures of this seed do not make a store one in use.
    """
    there = len(_numbers_there(store, concept.concept, plan))
    if there == plan.count or _in_use(store, concept.concept, plan.source):
        return Synthesized(dict.fromkeys(concept.classes, 0), there)
    if there:
        say(f"Completing the starter: {there} of {plan.count} drawn pictures are there ({plan.source}).")
    else:
        say(
            f"The store holds no labelled picture of {concept.concept}: filling it with {plan.count} drawn ones "
            f"({plan.source}). They are a starter; real pictures come with flinch import."
        )
    return synthesize(store, concept, plan)


def write_sheet(path: Path, plan: Plan) -> None:
    """Write the pictures of ``plan`` as one contact sheet (PNG) and file nothing.

    Raises StoreError when it cannot be written.
    """
    drawings = list(track(in_parallel(partial(drawing, plan), list(range(plan.count))), "Drawing", plan.count))
    write_atomically(path, _encoded(contact_sheet(drawings), "PNG"))


def drawing(plan: Plan, number: int) -> Drawing:
    """Return picture ``number`` of the plan."""
    return draw(plan.chance(number, "seed", 2**32), positive=plan.is_positive(number))


def draw_and_store(blobs: Blobs, plan: Plan, number: int) -> Drawn:
    """Draw one picture, encode it as the web would, and store its bytes.

    Raises StoreError when the blob cannot be written.
    """
    drawn = drawing(plan, number)
    pixels = Pixels.fromarray(drawn.pixels)
    if plan.chance(number, "format", 1000) < PNG_SHARE:
        data = _encoded(pixels, "PNG")
    else:
        quality = JPEG_QUALITIES[plan.chance(number, "quality", len(JPEG_QUALITIES))]
        data = _encoded(pixels, "JPEG", quality=quality)
    picture = check(data)
    blobs.put(data)
    return Drawn(number, picture, drawn.positive, drawn.kind)


def _encoded(pixels: Pixels.Image, name: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    pixels.save(buffer, name, **options)
    return buffer.getvalue()


def _filing(concept: Concept, plan: Plan, one: Drawn) -> Filing:
    sighting = SightingFacts(plan.source, str(one.number), title=f"drawn: {one.kind}")
    value = concept.positive if one.positive else concept.negative
    return Filing(
        one.picture, sighting, LabelFacts(concept.concept, value, Origin.WEAK, plan.source, f"drawn as {one.kind}")
    )


def _numbers_there(store: Store, concept: str, plan: Plan) -> set[int]:
    """Return the numbers of the plan that are filed and labelled for this concept."""
    labelled = select(Label.image_id).where(Label.concept == concept, Label.by == plan.source)
    query = select(Sighting.post).where(Sighting.source == plan.source, Sighting.image_id.in_(labelled))
    with store.session() as session:
        return {int(post) for post in session.scalars(query)} & set(range(plan.count))


def _in_use(store: Store, concept: str, source: str) -> bool:
    others = select(Label.id).where(
        Label.concept == concept, Label.origin != Origin.REPORT.value, Label.by != source
    )
    with store.session() as session:
        return session.scalar(others.limit(1)) is not None
