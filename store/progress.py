"""Progress bars for people: on stderr, and only where a person is looking."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """What ``track`` is, for functions that are handed their bar."""

    def __call__(self, iterable: Iterable[T], description: str, total: int | None = None) -> Iterator[T]:
        """Yield from ``iterable``, showing how far it has come."""


def track(iterable: Iterable[T], description: str, total: int | None = None) -> Iterator[T]:
    """Yield from ``iterable`` with a bar of ``total`` steps on stderr; silent when stderr is no terminal."""
    # rich costs 60 ms to import: only long work pays for it.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield from progress.track(iterable, description=description, total=total)
