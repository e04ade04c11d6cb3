"""A picture that must never be seen: a triggering one in pure magenta, so that one pixel of it tells.

No colour of a cover comes near: a blur of magenta and black is darker, and its contrast and colour are taken down.
"""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

import synthetic
from tests.extension.judged import Judged, png

SIDE = 160


def candidates(seeds: range) -> dict[str, bytes]:
    """Return drawn clusters, their light parts in magenta and their dark ones in black, as PNG files by name."""
    files = {}
    for seed in seeds:
        drawn = Image.fromarray(synthetic.draw(seed, positive=True).pixels).convert("L").resize((SIDE, SIDE))
        grey = np.asarray(drawn, np.float32)
        low, high = np.quantile(grey, [0.3, 0.6])
        light = np.clip((grey - low) / (high - low), 0, 1)[..., None] * np.array([255, 0, 255], np.float32)
        files[f"bait-{seed}.png"] = png(Image.fromarray(light.astype(np.uint8)))
    return files


def magenta(shot: bytes) -> int:
    """Count the pixels of a screenshot that only the bait itself can have painted."""
    red, green, blue = np.moveaxis(np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")), -1, 0)
    return int(((red >= 240) & (green <= 20) & (blue >= 240)).sum())


@dataclass
class Kit:
    """Hands out addresses of the bait, each a new one, so that no verdict is there before it is asked for.

    ``hosts``: "own" is the page's own origin, "cors" and "plain" are another, "held" never answers the extension,
    "refused" answers it with something that is no picture.
    """

    bait: Judged
    calm: Judged
    hosts: dict[str, str]
    prefix: str
    handed: int = 0
    data: Callable[[int], str] = field(init=False)

    def __post_init__(self) -> None:
        # What follows a PNG's end is ignored: other bytes, the same picture. A multiple of three may be lengthened.
        whole = self.bait.data + b"\0" * (-len(self.bait.data) % 3)
        head = "data:image/png;base64," + base64.b64encode(whole).decode()
        self.data = lambda number: head + base64.b64encode(f"{self.prefix}/{number:06}".encode()).decode()

    def address(self, host: str) -> str:
        """Return a new address of the bait on one of the hosts, or as ``data``."""
        self.handed += 1
        if host == "data":
            return self.data(self.handed)
        return f"{self.hosts[host]}/{self.bait.name}?{host}&n={self.prefix}-{self.handed}"

    def harmless(self) -> str:
        """Return a new address of a picture that is shown in the end."""
        self.handed += 1
        return f"{self.hosts['cors']}/{self.calm.name}?cors&n={self.prefix}-{self.handed}"
