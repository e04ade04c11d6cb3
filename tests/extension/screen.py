"""What was painted: pictures of one colour, counted in every frame that the browser has shown."""

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from tests.extension.judged import Judged, png
from tests.extension.site import Site

# Of a picture that must never be seen; no page of the tests has anything else of this colour.
MARKER = (255, 0, 255)
# Decoding and colour spaces move a value by a level or two.
TOLERANCE = 12


def flat(colour: tuple[int, int, int], side: int = 160) -> bytes:
    """Return a picture of one colour as a PNG file."""
    return png(Image.new("RGB", (side, side), colour))


def serve(host: Site, *pictures: Judged) -> None:
    """Put the marker and some pictures on a host."""
    host.put("marker.png", flat(MARKER))
    for picture in pictures:
        host.put(picture.name, picture.data)


def filmed(page: Page, act: Callable[[], Any], wait_ms: int = 1500) -> list[Image.Image]:
    """Return the frames that the tab showed while ``act`` ran and ``wait_ms`` after, and the state at the end."""
    session = page.context.new_cdp_session(page)
    frames: list[str] = []

    def keep(event: dict[str, Any]) -> None:
        frames.append(event["data"])
        session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    session.on("Page.screencastFrame", keep)
    session.send("Page.startScreencast", {"format": "png"})
    act()
    page.wait_for_timeout(wait_ms)
    session.send("Page.stopScreencast")
    session.detach()
    return [image(base64.b64decode(frame)) for frame in frames] + [image(page.screenshot())]


def image(data: bytes) -> Image.Image:
    """Return an image file as an image."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def area(frame: Image.Image, colour: tuple[int, int, int]) -> int:
    """Return how many pixels of a frame have a colour, nearly."""
    return int((np.abs(np.asarray(frame, int) - colour).max(axis=2) <= TOLERANCE).sum())


def leaked(frames: list[Image.Image]) -> int:
    """Return the most pixels of the marker that any frame has shown."""
    return max(area(frame, MARKER) for frame in frames)
