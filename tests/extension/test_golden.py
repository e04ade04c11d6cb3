"""The golden pictures through the browser's own decoder: the same pixels and the same answer as in Python."""

import base64
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from tests.extension.conftest import BUILD
from tests.extension.site import Site


def resized(file: Path, size: int) -> bytes:
    """Return what the resize contract makes of a PNG: RGB bytes."""
    rgba = np.asarray(Image.open(io.BytesIO(file.read_bytes())).convert("RGBA"), dtype=np.int64)
    alpha = rgba[..., 3:]
    rgb = ((rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    picture = Image.fromarray(rgb)
    narrowed = picture.resize((size, picture.height), Image.Resampling.BILINEAR)
    return narrowed.resize((size, size), Image.Resampling.BILINEAR).tobytes()


def test_golden_pictures_give_the_same_pixels_and_probabilities_in_chromium(
    page: Page, site: Site, bundle: Path
) -> None:
    released = json.loads((bundle / "bundle.json").read_text())
    site.folders |= {"build": BUILD, "bundle": bundle}

    page.goto(f"{site.url}/build/golden.html?bundle=/bundle/")
    answer = page.evaluate("flinchGolden")

    size = released["input"]["size"]
    expected = [resized(bundle / golden["file"], size) for golden in released["golden"]]
    assert [base64.b64decode(pixels) for pixels in answer["pixels"]] == expected
    difference = np.abs(np.array(answer["probabilities"]) - [g["probabilities"] for g in released["golden"]])
    assert difference.max() <= released.get("parity", {}).get("bound", 0.01)
