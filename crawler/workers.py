"""Work spread over processes, in order: strangers' files are decoded outside the process that writes the store."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

from store.errors import FlinchError

T = TypeVar("T")
R = TypeVar("R")

# Starting two processes costs about half a second.
WORTH_PROCESSES = 100
CHUNK = 16


def in_chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield lists of ``size`` items; the last may be shorter."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def in_parallel(work: Callable[[T], R], items: list[T], processes: int | None = None) -> Iterator[R]:
    """Yield ``work(item)`` for every item, in order, computed by as many processes as there are cores.

    ``work`` and the items must be picklable. Few items are done here. No more than a few chunks are under way at a
    time, so that memory stays flat. An exception of ``work`` is raised here.
    Raises FlinchError when a process dies, which is what a lack of memory looks like.
    """
    processes = processes or usable_cores()
    if processes == 1 or len(items) < WORTH_PROCESSES:
        yield from map(work, items)
        return
    # Spawned, not forked: the parent has database connections and the threads of the progress bar.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_die_with_parent) as pool:
        pending: deque[Future[list[R]]] = deque()
        try:
            for chunk in in_chunks(items, CHUNK):
                pending.append(pool.submit(_each, work, chunk))
                if len(pending) > 3 * processes:
                    yield from pending.popleft().result()
            while pending:
                yield from pending.popleft().result()
        except BrokenProcessPool as error:
            raise FlinchError(
                "a worker process died, probably for want of memory; what was filed is kept"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def usable_cores() -> int:
    """Return how many cores this process may run on, which a container may have narrowed."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _each(work: Callable[[T], R], chunk: list[T]) -> list[R]:
    return [work(item) for item in chunk]


def _die_with_parent() -> None:
    """Leave Ctrl-C to the parent, and do not outlive one that was killed: a pool's workers would wait for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_after_parent, daemon=True).start()


def _leave_after_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
