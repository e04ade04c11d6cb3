"""Rounds, answers and histories as lines for a terminal.

Titles and sources come from the network: whatever could move the cursor, colour the screen or turn the reading
direction is replaced before it is printed.
"""

from collections.abc import Iterable, Mapping

from labeling.answers import Answered, Word
from labeling.rounds import Item
from labeling.yields import Yield, total
from store.tables import Bucket

SHA_DIGITS = 12


def plain(text: str | None, width: int) -> str:
    """Return ``text`` on one line, without unprintable characters (escapes, bidi marks), cut to ``width``."""
    cleaned = "".join(char if char.isprintable() else "\ufffd" for char in " ".join((text or "").split()))
    return cleaned if len(cleaned) <= width else cleaned[: width - 1] + "…"


def table(rows: Iterable[Item]) -> list[str]:
    """Return a heading and one line an item."""
    heading = _row("sha256", "bucket", "p", "label", "answer", "source", "title")
    return [heading, *(_item(item) for item in rows)]


def summary(progress: Mapping[Bucket, Yield]) -> list[str]:
    """Return one line a bucket and one for the whole round: pictures, answered, corrected, yield."""
    named = [(bucket.value, part) for bucket, part in progress.items()]
    lines = [f"{'bucket':<15} {'pictures':>8} {'answered':>8} {'corrected':>9} {'yield':>6}"]
    for name, part in [*named, ("round", total(progress.values()))]:
        share = "-" if part.share_corrected is None else f"{part.share_corrected:.0%}"
        lines.append(f"{name:<15} {part.total:>8} {part.answered:>8} {part.corrected:>9} {share:>6}")
    return lines


def answer(answered: Answered) -> str:
    """Say what the opinion was and what it is now."""
    before = "unlabelled" if answered.before is None else _said(answered.before)
    line = f"{answered.sha256[:SHA_DIGITS]}  was {before}, is {_said(answered.now)}"
    return line if answered.now.round_id is None else f"{line}, round {answered.now.round_id}"


def story(said: Iterable[Word]) -> list[str]:
    """Return one line a label: when, what, by whom, why."""
    return [
        f"{word.created_at:%Y-%m-%d %H:%M}  {word.value:<14} {word.origin.value:<7} "
        f"{plain(word.by, 40)}{f'  ({plain(word.reason, 80)})' if word.reason else ''}"
        for word in said
    ]


def _item(item: Item) -> str:
    return _row(
        item.sha256[:SHA_DIGITS],
        item.bucket.value,
        f"{item.probability:.3f}",
        item.label or "-",
        item.answer or "-",
        plain(item.source, 18) or "-",
        plain(item.title or item.url, 40) or "-",
    )


def _row(*cells: str) -> str:
    return "{:<12}  {:<14}  {:>5}  {:<12}  {:<12}  {:<18}  {}".format(*cells).rstrip()


def _said(word: Word) -> str:
    return f"{word.value} ({word.origin.value}, by {plain(word.by, 40)})"
