"""``flinch release``: a bundle becomes the extension's model only if readers get what was measured, and no worse.

The gate has five questions: do Keras, SavedModel, Node and Chromium agree; do they still when Chromium decodes and
resizes the pictures itself; does the threshold keep its contract; is the model for the same purpose; is it not
worse than the released one on the frozen test split. ``force`` releases in spite of a no, and the bundle says so.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from inference.bundle import Bundle, Parity
from store.database import Store
from store.errors import InputError
from store.folders import heal
from store.locks import locked
from training.browser.judgement import judge_in_chromium
from training.exporting.parity import measured_files
from training.releasing.release_checks import (
    PICTURES,
    Check,
    check_against_released,
    check_end_to_end,
    check_golden,
    check_purpose,
    check_threshold,
    keras_of,
)
from training.releasing.release_folder import history_line, place, released_manifest, without_folders
from training.releasing.release_pictures import Comparable, held_out_pictures, sample, unseen_by

log = logging.getLogger(__name__)

SOURCE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Release:
    """What the gate said and what came of it; ``replaced`` is the id of the model before."""

    bundle: Bundle
    checks: tuple[Check, ...]
    replaced: str | None
    forced: bool
    placed: bool
    destination: Path

    @property
    def reasons(self) -> tuple[str, ...]:
        """What speaks against it."""
        return tuple(check.says for check in self.checks if not check.passed)

    def as_json(self) -> dict[str, Any]:
        """Return the release for machines."""
        return {
            "bundle": self.bundle.id,
            "passed": not self.reasons,
            "released": self.placed,
            "forced": self.forced,
            "reasons": list(self.reasons),
            "checks": [check.as_json() for check in self.checks],
            "replaced": self.replaced,
            "destination": str(self.destination),
        }


def release(
    store: Store,
    bundle: Bundle,
    destination: Path,
    *,
    force: bool = False,
    dry_run: bool = False,
    pictures: int = PICTURES,
    card: Path | None = None,
    say: Callable[[str], None] = log.info,
) -> Release:
    """Try a bundle against the released model of the folder ``destination`` and, if it passes, put it there.

    ``pictures``: how many are compared end to end; ``card``: the model card to go along. With ``dry_run`` nothing
    is placed. A refusal is no error here: ``reasons`` of the answer says why. Raises InputError (the snapshot is
    gone, the released model is damaged, there is no such folder) and StoreError.
    """
    if not destination.parent.is_dir():
        raise InputError(f"{destination.parent}: no such folder; say with --into where the extension's source lies")
    lock = destination.with_name(f".{destination.name}-lock")
    with locked(lock, f"{lock}: another release is under way; wait for it"):
        heal(destination)
        earlier = released_manifest(destination)
        replaced = None if earlier is None else str(earlier["id"])
        checks = _checks(store, bundle, destination, earlier, pictures, say)
        refused = any(not check.passed for check in checks)
        placed = not dry_run and (force or not refused)
        found = Release(bundle, checks, replaced, force and refused, placed, destination)
        if placed:
            written = _for_readers(found, store)
            line = history_line(bundle, _change(written.checks), found.forced)
            place(bundle, _notes(written), line, card, destination)
    log.info("release bundle=%s placed=%s reasons=%d", bundle.id, placed, len(found.reasons))
    return found


def _checks(
    store: Store,
    bundle: Bundle,
    destination: Path,
    earlier: Mapping[str, Any] | None,
    count: int,
    say: Callable[[str], None],
) -> tuple[Check, ...]:
    held_out = held_out_pictures(store, bundle)
    chosen = sample(held_out, bundle.positive, count)
    test = unseen_by(store, held_out, bundle, earlier) if earlier else Comparable([])
    golden = [bundle.path / item.file for item in bundle.golden]
    models = [bundle.path, *([destination] if earlier else [])]
    say(f"judging {len(golden) + len(chosen) + len(test.pictures)} pictures in Chromium ...")
    try:
        answers = judge_in_chromium(models, [*golden, *(picture.path for picture in [*chosen, *test.pictures])])
    except InputError as error:
        # Without a browser nothing is known of what readers get.
        in_browser = [Check("parity", False, f"parity: not measured in a browser: {error}")]
    else:
        ends = np.cumsum([len(golden), len(chosen)])
        say("comparing Keras, SavedModel and Node ...")
        own = np.split(answers[0], ends)
        keras_says = keras_of(bundle)
        in_browser = [
            check_golden(bundle, keras_says, own[0]),
            check_end_to_end(bundle, keras_says, chosen, own[1]),
        ]
        if earlier:
            released = np.split(answers[1], ends)[2]
            in_browser.append(check_against_released(bundle, earlier, test, released, own[2]))
    first = [] if earlier else [Check("not worse", True, "not worse: nothing has been released yet")]
    return (*in_browser, check_threshold(bundle), check_purpose(bundle, earlier), *first)


def _for_readers(found: Release, store: Store) -> Release:
    """Return the release without what its errors say of the maintainer's folders: it is published."""
    own = (SOURCE, store.home.path, Path.home())
    checks = (replace(check, says=without_folders(check.says, own)) for check in found.checks)
    return replace(found, checks=tuple(checks))


def _notes(found: Release) -> dict[str, Any]:
    """Return what the released bundle.json says besides what the bundle said."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    checks = [check.as_json() for check in found.checks]
    notes: dict[str, Any] = {"released": {"at": now, "replaced": found.replaced, "checks": checks}}
    notes["parity"] = asdict(_parity(found))
    if found.forced:
        notes["forced"] = {"at": now, "reasons": list(found.reasons)}
    return notes


def _parity(found: Release) -> Parity:
    """Return what was measured a moment ago; where that failed and was overruled, what the training measured."""
    passed = (check.numbers for check in found.checks if check.name == "parity" and check.passed)
    numbers = next(passed, None)
    if numbers is None:
        return found.bundle.parity
    return replace(
        found.bundle.parity,
        pictures=numbers["pictures"],
        saved_model=numbers["saved_model"],
        tfjs=max(numbers["node"], numbers["chromium"]),
        files=measured_files(found.bundle.path),
    )


def _change(checks: Sequence[Check]) -> str:
    """Return how the model compares with the one before, for the history."""
    return next((check.says for check in checks if check.name == "not worse"), "not compared")
