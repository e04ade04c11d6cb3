"""What an import is offered: files that claim to be pictures of a class, and what the claims are read with."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from store.errors import InputError
from store.nearest import did_you_mean, nearest

# The folder that a rule ``.=CLASS`` names: the imported folder itself, with all that no other rule names.
ITSELF = "."
LEFT_OUT = "-"
# Of a picture that nobody says anything of, for teachers to judge.
UNLABELLED = "?"

SPLITS = {
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test",
    "ood": "ood",
}  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A file that claims to be a picture of a class; ``place`` is its path in the folder, with slashes.

    ``label`` is UNLABELLED where no class is claimed.
    """

    path: Path
    place: str
    label: str
    source: str
    split: str | None = None
    group: str | None = None
    licence: str | None = None
    kind: str | None = None
    hard_negative: bool | None = None


@dataclass(frozen=True)
class Refused:
    """A file that is not even read, and why: ``outside``, ``missing`` or ``not_a_file``."""

    place: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """What a folder holds; ``others`` counts files that are no pictures by their names."""

    root: Path
    layout: str
    candidates: tuple[Candidate, ...]
    refused: tuple[Refused, ...] = ()
    others: int = 0


@dataclass(frozen=True)
class Classes:
    """The classes of a concept, and the folders or labels that a person maps onto them."""

    concept: str
    names: tuple[str, ...]
    mapped: Mapping[str, str]

    def of(self, name: str, where: str) -> str | None:
        """Return what a folder or label means: a class, UNLABELLED, or None when it is left out on purpose.

        Raises InputError with the nearest class, and how to map the name.
        """
        found = self.mapped.get(name) or self._named(name) or self.mapped.get(ITSELF)
        if found is None:
            guess = did_you_mean(name.casefold(), self.names)
            example = nearest(name.casefold(), self.names) or "CLASS"
            raise InputError(
                f"{where} '{name}' is no class of {self.concept}{guess}; its classes are {', '.join(self.names)}: "
                f"say what it is with --map {name}={example}, leave it out: --map {name}=-, "
                f"or file it without a class: --map '{name}=?'"
            )
        return None if found == LEFT_OUT else found

    def knows(self, name: str) -> bool:
        """Whether ``name`` is a class or is mapped by its own name."""
        return name in self.mapped or self._named(name) is not None

    def _named(self, name: str) -> str | None:
        return name.casefold() if name.casefold() in self.names else None


def parse_map(rules: Sequence[str], concept: str, names: tuple[str, ...]) -> Classes:
    """Read rules such as ``holes=trypophobia``; ``.`` is the folder itself.

    In place of a class ``-`` leaves a folder out, and ``?`` files its pictures without one.
    Raises InputError for a rule without '=' or with an unknown class.
    """
    mapped: dict[str, str] = {}
    for rule in rules:
        name, equals, value = rule.rpartition("=")
        if not equals or not name:
            raise InputError(f"--map {rule}: write FOLDER=CLASS, for example --map holes={names[-1]}")
        if value not in (*names, LEFT_OUT, UNLABELLED):
            raise InputError(
                f"--map {rule}: '{value}' is no class of {concept}{did_you_mean(value, names)}; "
                f"its classes are {', '.join(names)}"
            )
        mapped[name.strip("/") if name != "/" else name] = value
    return Classes(concept, names, mapped)


def refusal(path: Path, root: Path) -> str | None:
    """Say why a file must not be read (``missing``, ``outside``, ``not_a_file``); None when it may be.

    ``root`` is resolved already.
    """
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return "missing"
    if not real.is_relative_to(root):
        return "outside"
    # A named pipe would be read for ever.
    return None if real.is_file() else "not_a_file"


def place_of(relative: PurePosixPath | Path) -> str:
    """Return a path's name in the store and on the screen.

    Bytes that are no UTF-8 are escaped, since no database takes them, and so is what would steer a terminal.
    """
    name = os.fsencode(relative.as_posix()).decode("utf-8", "backslashreplace")
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in name
    )
