"""What an import says at its end: a short table for people, one object for scripts."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from crawler.candidates import UNLABELLED, Listing
from crawler.importing import Tally

SHOWN = 3
NAMES = {UNLABELLED: "unlabelled"}


def as_table(listing: Listing, tally: Tally, distance: int) -> str:
    """Return the table; rows that are always asked about are shown even when they are 0.

    ``distance``: up to how many of 256 bits two pictures were near-duplicates.
    """
    within = f"within {distance} of 256 bits of another picture; kept as one group"
    rows = [
        ("kept", tally.kept, _counts(tally.by_label)),
        ("  near-duplicates", tally.near_duplicates, within),
        ("already there", tally.already_there, ""),
        ("exact duplicates", tally.exact_duplicates, "the same bytes at another path"),
        ("relabelled", tally.relabelled, "the folder or manifest says something else than before"),
        ("label conflicts", len(tally.conflicts), _conflicts(tally)),
        ("unusable", tally.unusable.total(), _unusable(tally)),
        ("other files", listing.others, "no pictures by their names"),
    ]
    always = {"kept", "already there", "unusable"}
    lines = [
        f"{name:<18}{count:>7}   {note if count else ''}".rstrip()
        for name, count, note in rows
        if count or name in always
    ]
    if tally.moved:
        lines.append(
            f"{tally.moved} paths showed other pictures before; if this is another folder of that name, "
            "give it a name of its own with --name"
        )
    return "\n".join([f"{listing.root} ({listing.layout})", *lines])


def as_json_object(listing: Listing, tally: Tally) -> dict[str, Any]:
    """Return every count, every conflict and every unusable file by name."""
    return {
        "path": str(listing.root),
        "layout": listing.layout,
        "kept": tally.kept,
        "kept_by_label": {NAMES.get(name, name): count for name, count in sorted(tally.by_label.items())},
        "near_duplicates": tally.near_duplicates,
        "already_there": tally.already_there,
        "exact_duplicates": tally.exact_duplicates,
        "relabelled": tally.relabelled,
        "moved": tally.moved,
        "label_conflicts": [asdict(conflict) for conflict in tally.conflicts],
        "unusable": dict(sorted(tally.unusable.items())),
        "unusable_files": [
            {"path": place, "reason": reason, "detail": detail} for place, reason, detail in tally.unusable_places
        ],
        "other_files": listing.others,
    }


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{NAMES.get(name, name).replace('_', ' ')} {count}" for name, count in sorted(counts.items()))


def _conflicts(tally: Tally) -> str:
    named = [
        f"{one.place} is {one.label}, but like {one.other_sha256[:8]}, which is {one.other_label}"
        for one in tally.conflicts[:SHOWN]
    ]
    return _and_more(named, len(tally.conflicts))


def _unusable(tally: Tally) -> str:
    named = _and_more([place for place, _, _ in tally.unusable_places[:SHOWN]], len(tally.unusable_places))
    return f"{_counts(tally.unusable)}: {named}"


def _and_more(named: list[str], count: int) -> str:
    more = f" and {count - len(named)} more (--json names them all)" if count > len(named) else ""
    return f"{'; '.join(named)}{more}"
