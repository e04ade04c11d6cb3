"""Pictures in a folder: by class, by split and class, or as a ``manifest.csv`` lists them.

Three layouts are recognised, in this order::

    photos/manifest.csv                 columns path, label[, split, source, group, licence, kind, hard_negative];
                                        others are ignored
    photos/train/trypophobia/a.jpg      a split (train, val, test, ood), then a class
    photos/trypophobia/deeper/a.jpg     a class, and whatever lies below it
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from crawler.candidates import ITSELF, SPLITS, Candidate, Classes, Listing, Refused, place_of, refusal
from crawler.manifest import list_manifest
from store.errors import InputError

# The formats that are read, and those that people take for pictures: the latter are counted, not overlooked.
READ_SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp")
OTHER_SUFFIXES = (".tif", ".tiff", ".heic", ".heif", ".avif", ".svg", ".jxl", ".ico")
MANIFEST = "manifest.csv"
LONGEST_NAME = 80


def list_folder(path: Path, source: str, classes: Classes) -> Listing:
    """Return what ``path`` holds, in one order on every machine; no file is opened but a manifest.

    Hidden files and folders are passed over. A link is followed only to a file inside the folder.
    Raises InputError when there is nothing to import, or a folder that is neither a class nor a split.
    """
    if path.is_file() and path.suffix.lower() == ".csv":
        return list_manifest(path, source, classes)
    if not path.is_dir():
        raise InputError(f"{path}: {'not a folder' if path.exists() else 'no such folder'}; import takes a folder")
    if (path / MANIFEST).is_file():
        return list_manifest(path / MANIFEST, source, classes)
    return _list_tree(path, source, classes)


def source_name(path: Path, name: str | None) -> str:
    """Return what the store calls the folder: ``folder:NAME``; two folders of one name need a ``name`` each.

    Raises InputError for a name that the store cannot hold.
    """
    folder = path.parent if path.suffix.lower() == ".csv" else path
    chosen = name or place_of(Path(folder.resolve().name)) or "root"
    if len(chosen) > LONGEST_NAME or not chosen.isprintable():
        raise InputError(
            f"'{chosen[:40]}...' cannot name a source; say a name of 1 to {LONGEST_NAME} letters with --name"
        )
    return f"folder:{chosen}"


def _list_tree(path: Path, source: str, classes: Classes) -> Listing:
    files = list(_walk(path))
    pictures = [relative for relative in files if relative.suffix.lower() in READ_SUFFIXES + OTHER_SUFFIXES]
    if not pictures:
        raise InputError(f"{path}: no picture in it; import takes a folder with one subfolder a class")
    by_split = _is_by_split(pictures, classes)
    root = path.resolve()
    candidates: list[Candidate] = []
    refused: list[Refused] = []
    for relative in pictures:
        split, folder = _split_and_folder(relative, by_split)
        label = _label(folder, relative, path, classes)
        if label is None:
            continue
        reason = refusal(path / relative, root)
        if reason is None:
            candidates.append(Candidate(path / relative, place_of(relative), label, source, split))
        else:
            refused.append(Refused(place_of(relative), reason))
    layout = "split/class" if by_split else "class"
    return Listing(path, layout, tuple(candidates), tuple(refused), len(files) - len(pictures))


def _walk(root: Path) -> Iterator[Path]:
    """Yield the relative paths of files and of links to files, in one order on every machine."""

    def stop(error: OSError) -> None:
        raise InputError(f"{error.filename}: cannot be read: {error.strerror}") from error

    for folder, names, files in os.walk(root, onerror=stop):
        here = Path(folder)
        # A linked folder is not entered: it would lead outside, or through the same files again.
        names[:] = sorted(name for name in names if not name.startswith(".") and not (here / name).is_symlink())
        for name in sorted(files):
            if not name.startswith("."):
                yield (here / name).relative_to(root)


def _is_by_split(pictures: Sequence[Path], classes: Classes) -> bool:
    """Whether the top folders are splits; a folder that is a class by name or by rule is never a split."""
    tops = {relative.parts[0] for relative in pictures if len(relative.parts) > 1}
    return bool(tops) and all(top.casefold() in SPLITS and not classes.knows(top) for top in tops)


def _split_and_folder(relative: Path, by_split: bool) -> tuple[str | None, str]:
    folders = relative.parts[:-1]
    split = None
    if by_split and folders:
        split, folders = SPLITS[folders[0].casefold()], folders[1:]
    return split, folders[0] if folders else ITSELF


def _label(folder: str, relative: Path, root: Path, classes: Classes) -> str | None:
    if folder == ITSELF and not classes.knows(ITSELF):
        raise InputError(
            f"{root / relative}: lies in no class folder; move it into one ({', '.join(classes.names)}), "
            f"or say what such pictures are with --map .=CLASS"
        )
    return classes.of(folder, f"{root}: folder")
