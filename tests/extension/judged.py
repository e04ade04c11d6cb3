"""Pictures whose right verdict is known: that of the bundle itself, computed without a browser."""

import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

import synthetic
from training.exporting.parity import browser_probabilities

# Decoders differ by a level here and there; a picture this close to the threshold proves nothing.
MARGIN = 0.02


@dataclass(frozen=True)
class Judged:
    """A picture file, and whether the bundle covers it."""

    name: str
    data: bytes
    covered: bool


def drawings(seeds: range) -> dict[str, bytes]:
    """Return synthetic pictures, of both classes in turn, as PNG files by name."""
    drawn = {seed: synthetic.draw(seed, positive=seed % 2 == 0) for seed in seeds}
    return {f"drawn-{seed}.png": png(Image.fromarray(drawing.pixels)) for seed, drawing in drawn.items()}


def photographs(folder: Path, count: int) -> dict[str, bytes]:
    """Return JPEG photographs of both classes from a folder by class, or nothing where there is no such folder."""
    files = {}
    for kind in ("normal", "trypophobia"):
        for file in sorted((folder / kind).glob("*.jpg"))[:count]:
            files[f"{kind}-{file.name}"] = file.read_bytes()
    return files


def png(image: Image.Image) -> bytes:
    """Return an image as a PNG file."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def judge(files: dict[str, bytes], bundle: Path, parity: Path, folder: Path) -> list[Judged]:
    """Return those files on which the bundle is sure, with its verdicts, by way of build/parity.mjs."""
    contract = json.loads((bundle / "bundle.json").read_text())
    for file in [bundle / "model.json", *bundle.glob("*.bin")]:
        shutil.copy(file, folder)
    for number, data in enumerate(files.values()):
        Image.open(io.BytesIO(data)).save(folder / f"{number}.png")
    golden = [{"file": f"{number}.png"} for number in range(len(files))]
    (folder / "bundle.json").write_text(json.dumps({**contract, "golden": golden}))
    answered = browser_probabilities(folder, parity)
    positive = contract["classes"].index(contract["positive"])
    threshold = contract["threshold"]["value"]
    return [
        Judged(name, data, probabilities[positive] >= threshold)
        for (name, data), probabilities in zip(files.items(), answered.tolist(), strict=True)
        if abs(probabilities[positive] - threshold) > MARGIN
    ]
