"""How long each stage of a run took, told to the person and kept for the report."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

log = logging.getLogger(__name__)


@dataclass
class Clock:
    """Seconds a stage, and a word to the person when one begins."""

    say: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage."""
        self.say(f"{name} ...")
        begun = time.perf_counter()
        yield
        took = time.perf_counter() - begun
        # Teachers go through the same stages.
        self.seconds[name] = self.seconds.get(name, 0.0) + took
        log.info("stage done name=%s seconds=%.1f", name, took)
