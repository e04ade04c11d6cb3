"""Which pictures deserve a person's second look: pure decisions on numbers, no rows.

Three buckets (mission row A9): the model is sure of the opposite of the label (false positives and false
negatives), or it cannot tell (ambiguous).

A bucket is decided at p = 0.5 and not at the bundle's threshold. The threshold is a promise about precision on
val, on the scale of the released network; most predictions here come from another network (a fold's head on
frozen embeddings), and only "as likely as not" means the same on both scales.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from store.tables import Bucket

EVENS = 0.5

# Beyond odds of one to nine on the label's own side nothing speaks against the label: such a picture is never put
# before a person, and a round is rather smaller than its budget.
AMBIGUOUS_MARGIN = 0.4

# What a person said is asked about once more only if the model gives it less than one chance in twenty.
STRONG = 0.05


@dataclass(frozen=True)
class Judged:
    """A labelled picture and the out-of-sample probability (0..1) of the positive class.

    ``answers`` is how many times a person has labelled it.
    """

    image_id: int
    positive: bool
    probability: float
    answers: int = 0

    @property
    def belief(self) -> float:
        """How likely the model holds the current label to be right, 0..1 (cleanlab's self-confidence)."""
        return self.probability if self.positive else 1 - self.probability


@dataclass(frozen=True)
class Suspect:
    """A picture chosen for a round; ``rank`` 0 is the most suspicious one."""

    image_id: int
    bucket: Bucket
    rank: int
    probability: float


def choose(judged: Iterable[Judged], budget: int, shares: Mapping[Bucket, float]) -> list[Suspect]:
    """Return at most ``budget`` suspects, each picture once, ordered by rank.

    ``shares`` are weights of the buckets (they need not sum to 1). What one bucket cannot use the others get, by
    their weights. Within a bucket the most suspicious come first; the round is ranked by how little the model
    believes the label, so that whoever stops early has done the part that pays. Ties are broken by image id.
    """
    candidates = _by_bucket(judged)
    quotas = divide(budget, shares, {bucket: len(found) for bucket, found in candidates.items()})
    chosen = [(one, bucket) for bucket, found in candidates.items() for one in found[: quotas[bucket]]]
    chosen.sort(key=lambda pair: (pair[0].belief, pair[0].image_id))
    return [Suspect(one.image_id, bucket, rank, one.probability) for rank, (one, bucket) in enumerate(chosen)]


def bucket_of(one: Judged) -> Bucket | None:
    """Return the bucket that may ask about ``one``; None when nothing speaks against its label.

    A contradiction belongs to its error bucket however weak it is; the ambiguous bucket holds the pictures on which
    model and label just about agree. Two answers by people settle a picture for good: the same model would doubt
    the same picture after every training. A single answer is doubted once more if the contradiction is strong.
    """
    if one.answers >= 2 or (one.answers == 1 and one.belief > STRONG):
        return None
    if one.belief < EVENS:
        return Bucket.FALSE_NEGATIVE if one.positive else Bucket.FALSE_POSITIVE
    return Bucket.AMBIGUOUS if one.belief - EVENS <= AMBIGUOUS_MARGIN else None


def divide(budget: int, shares: Mapping[Bucket, float], available: Mapping[Bucket, int]) -> dict[Bucket, int]:
    """Divide ``budget`` by ``shares``, no bucket above what is ``available``; unused parts go to the others.

    Buckets with a share of 0 get nothing while another bucket can use the budget.
    """
    quotas = dict.fromkeys(Bucket, 0)
    for weighted in (True, False):
        weights = {b: shares.get(b, 0.0) for b in Bucket} if weighted else dict.fromkeys(Bucket, 1.0)
        while left := budget - sum(quotas.values()):
            hungry = [b for b in Bucket if quotas[b] < available.get(b, 0) and weights[b] > 0]
            if not hungry:
                break
            for bucket, part in _portions(left, {b: weights[b] for b in hungry}).items():
                quotas[bucket] = min(quotas[bucket] + part, available[bucket])
    return quotas


def _by_bucket(judged: Iterable[Judged]) -> dict[Bucket, list[Judged]]:
    """Sort into buckets, most suspicious first: the least believed label is also the one nearest to evens."""
    placed = [(bucket, one) for one in judged if (bucket := bucket_of(one)) is not None]
    placed.sort(key=lambda pair: (list(Bucket).index(pair[0]), pair[1].belief, pair[1].image_id))
    return {bucket: [one for _, one in group] for bucket, group in groupby(placed, key=lambda pair: pair[0])}


def _portions(total: int, weights: Mapping[Bucket, float]) -> dict[Bucket, int]:
    """Divide ``total`` > 0 in proportion to positive weights; the largest remainders get what rounding left."""
    exact = {bucket: total * weight / sum(weights.values()) for bucket, weight in weights.items()}
    portions = {bucket: int(part) for bucket, part in exact.items()}
    by_remainder = sorted(exact, key=lambda bucket: portions[bucket] - exact[bucket])
    for bucket in by_remainder[: total - sum(portions.values())]:
        portions[bucket] += 1
    return portions
