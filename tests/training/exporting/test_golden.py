"""The golden pictures through the browser's own decoder: the same pixels and the same answer as in Python."""

import base64
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Playwright

from tests.extension.browser import chromium
from tests.extension.site import Site

BUILD = Path(__file__).parents[3] / "extension" / "build"


def resized(file: Path, size: int) -> bytes:
    """Return what the resize contract makes of a PNG: RGB bytes."""
    rgba = np.asarray(Image.open(io.BytesIO(file.read_bytes())).convert("RGBA"), dtype=np.int64)
    alpha = rgba[..., 3:]
    rgb = ((rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    picture = Image.fromarray(rgb)
    narrowed = picture.resize((size, picture.height), Image.Resampling.BILINEAR)
    return narrowed.resize((size, size), Image.Resampling.BILINEAR).tobytes()


def test_golden_pictures_give_the_same_pixels_and_probabilities_in_chromium(
    playwright: Playwright, bundle_dir: Path
) -> None:
    released = json.loads((bundle_dir / "bundle.json").read_text())
    site = Site("127.0.0.1")
    site.folders |= {"build": BUILD, "bundle": bundle_dir}

    browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
    page = browser.new_page()
    page.goto(f"{site.url}/build/golden.html?bundle=/bundle/")
    answer = page.evaluate("flinchGolden")
    browser.close()
    site.close()

    size = released["input"]["size"]
    expected = [resized(bundle_dir / golden["file"], size) for golden in released["golden"]]
    assert [base64.b64decode(pixels) for pixels in answer["pixels"]] == expected
    difference = np.abs(np.array(answer["probabilities"]) - [g["probabilities"] for g in released["golden"]])
    assert difference.max() <= released.get("parity", {}).get("bound", 0.01)
