"""The nearest known word, for somebody who misspelt it."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the word of ``known`` that ``word`` resembles most; None when it resembles none."""
    return next(iter(get_close_matches(word, list(known), n=1)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` to be put behind a wrong ``word``; nothing when no known one is near."""
    near = nearest(word, known)
    return f" (did you mean '{near}'?)" if near is not None else ""
