"""What runs on this machine, read from /proc: not every machine has ps."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A process that runs, and the ids of its parent and of its session."""

    pid: int
    parent: int
    session: int


def running() -> list[Process]:
    """Return all processes but zombies."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, rest = stat.parent.name, stat.read_text()
        except OSError:
            continue
        # proc(5): pid (name) state ppid pgrp session ...; a name may hold spaces and brackets.
        state, parent, _, session = rest.rpartition(")")[2].split()[:4]
        if state != "Z":
            found.append(Process(int(pid), int(parent), int(session)))
    return found
