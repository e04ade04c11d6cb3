"""The released model's folder, `extension/model/`: checked in, replaced as a whole, with its history beside it."""

import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from inference.bundle import MANIFEST, Bundle
from store.errors import InputError
from store.folders import replace_folder
from store.home import storage_error
from training.evaluation.evaluate import decimal
from training.exporting.install import browser_files

HISTORY = "RELEASES.md"
CARD = "MODEL_CARD.md"
# Not the path of a web address, nor what follows a word, as in "val/test".
_ABSOLUTE = re.compile(r"(?:file://|(?<![\w./~]))~?(?:/[^\s/:;,'\"()\[\]{}<>]+)+/?")
HEADING = """# Releases

The newest first; `flinch release` writes this file.

| when | bundle | test pictures | AUC | precision | recall | against the model before | forced |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


def released_manifest(destination: Path) -> dict[str, Any] | None:
    """Return what the released model's bundle.json says, None when nothing has been released yet.

    Raises InputError when it cannot be read or a file is not the one that was released.
    """
    path = destination / MANIFEST
    if not path.is_file():
        return None
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for name, digest in manifest["files"].items():
            if sha256((destination / name).read_bytes()).hexdigest() != digest:
                raise ValueError(f"{name} is not the file that was released")
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise InputError(f"{destination}: the released model is damaged ({error}); check it out again") from error
    return manifest


def place(bundle: Bundle, notes: Mapping[str, Any], line: str, card: Path | None, destination: Path) -> None:
    """Replace the released model by a bundle's browser files, its model card and a history with one more ``line``.

    ``notes`` go into the released bundle.json, which names only the files that are here: no golden picture of a
    hole cluster travels with the extension's source. Whenever this is killed, the next release finds the older or
    the new model whole. Raises StoreError.
    """
    draft = destination.with_name(f".{destination.name}-draft")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        for name, data in _contents(bundle, notes, line, card, destination).items():
            _write_through(draft / name, data)
        replace_folder(destination, draft)
    except OSError as error:
        raise storage_error(error, destination) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def history_line(bundle: Bundle, change: str, forced: bool, now: datetime | None = None) -> str:
    """Return a release's row of the history; ``change`` says how it compares with the model before."""
    test = bundle.metrics.get("test", {})
    numbers = [decimal(test.get(key)) for key in ("auc", "precision", "recall")]
    when = (now or datetime.now(UTC)).strftime("%Y-%m-%d")
    cells = [when, bundle.id, str(test.get("n", "-")), *numbers, change, "yes" if forced else "no"]
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"


def without_folders(text: str, own: Sequence[Path]) -> str:
    """Return ``text`` with the last part alone of every absolute path, and what lies in an ``own`` folder below it.

    The own ones are taken first and as they are written: their names may hold spaces.
    """
    for folder in own:
        # In a container "/" can be somebody's home: there is nothing above it to hide.
        if folder.name:
            text = text.replace(f"{folder}/", "")
    return _ABSOLUTE.sub(lambda path: path[0].rstrip("/").rpartition("/")[2], text)


def _contents(
    bundle: Bundle, notes: Mapping[str, Any], line: str, card: Path | None, destination: Path
) -> dict[str, bytes]:
    found = {file.name: file.read_bytes() for file in browser_files(bundle.path) if file.name != MANIFEST}
    digests = {name: sha256(data).hexdigest() for name, data in found.items()}
    manifest = bundle.as_json() | {"golden": [], "files": digests} | dict(notes)
    found[MANIFEST] = f"{json.dumps(manifest, indent=2, allow_nan=False)}\n".encode()
    before = destination / HISTORY
    rows = before.read_text(encoding="utf-8").removeprefix(HEADING) if before.is_file() else ""
    found[HISTORY] = f"{HEADING}{line}{rows}".encode()
    if card is not None:
        found[CARD] = card.read_bytes()
    return found


def _write_through(path: Path, data: bytes) -> None:
    # Before the rename that makes them the released ones, the bytes are on the disk.
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
