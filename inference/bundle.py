"""What a released model is: one folder that the extension, the API and the next training read alike.

Model contract: input float32 [n, size, size, 3], RGB 0..255 (rescaling happens inside); output float32
[n, len(classes)], probabilities that sum to 1, in the order of `classes`. A picture is covered when the
probability of `positive` is at least the threshold.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import file_digest
from pathlib import Path
from typing import Any

from store.blobs import write_atomically
from store.errors import InputError

FORMAT = 1
MANIFEST = "bundle.json"
RESIZE = "stretch-triangle"
# What the browser, Python and the next training start from. A released model is the browser's part alone.
BROWSER = ("model.json",)
PYTHON = "saved_model/saved_model.pb"
KERAS = "model.keras"
NEEDED = (*BROWSER, PYTHON, KERAS)
# From covering the fewest pictures to covering the most.
LEVELS = ("lenient", "balanced", "strict")
TEXTS = ("id", "concept", "created_at", "positive", "snapshot_id", "quantization")


@dataclass(frozen=True)
class InputContract:
    """What pixels the model takes; `size` is the side in pixels, `resize` the rule that makes it."""

    size: int
    resize: str = RESIZE
    colour: str = "srgb"
    range: tuple[int, int] = (0, 255)


@dataclass(frozen=True)
class BackboneFacts:
    """The network, its width, where its first weights came from, and the block it is cut at ("": it is whole).

    ``licence``: of those weights, in words; "" where they were random, or in a bundle made before it was kept.
    """

    name: str
    alpha: float
    weights: str
    cut: str = ""
    licence: str = ""


@dataclass(frozen=True)
class Golden:
    """A picture of the bundle and the probabilities that Keras gave it, in the order of the classes."""

    file: str
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class Parity:
    """The largest differences in probability from Keras on the golden pictures, and the bound they were held to.

    `files` maps what the browser reads to its sha256 as it was measured: of any other file the record says nothing.
    It is empty in bundles made before records named their files.
    """

    bound: float
    pictures: int
    saved_model: float
    tfjs: float
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bundle:
    """A bundle's manifest. `path` is its folder; `files` maps every file but the manifest to its sha256.

    `threshold` and `metrics` are kept as training/evaluation (threshold.py, evaluate.py) wrote them; a bundle made
    before there were strictness levels has no `strictness` and no `interval` in its `threshold`.
    """

    path: Path
    id: str
    concept: str
    created_at: str
    classes: tuple[str, ...]
    positive: str
    input: InputContract
    backbone: BackboneFacts
    threshold: Mapping[str, Any]
    metrics: Mapping[str, Mapping[str, Any]]
    snapshot_id: str
    quantization: str
    parity: Parity
    golden: tuple[Golden, ...]
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def positive_index(self) -> int:
        """The column of the probabilities that is compared with the threshold."""
        return self.classes.index(self.positive)

    @property
    def network(self) -> str:
        """The network in one word (``network_word``)."""
        return network_word(self.backbone.name, self.backbone.alpha, self.input.size, self.backbone.cut)

    @property
    def threshold_value(self) -> float:
        """A picture is covered at this probability of the positive class or above."""
        return float(self.threshold["value"])

    def as_json(self) -> dict[str, Any]:
        """Return what `bundle.json` holds."""
        return {"format": FORMAT} | {key: value for key, value in asdict(self).items() if key != "path"}


def write_bundle(bundle: Bundle) -> Bundle:
    """Write `bundle.json` into the bundle's folder, with the hash of every file there, and return what it says.

    The manifest comes last and by a rename: a folder without one is no bundle.
    """
    written = replace(bundle, files=_hash_files(bundle.path))
    text = json.dumps(written.as_json(), indent=2, allow_nan=False)
    write_atomically(bundle.path / MANIFEST, f"{text}\n".encode())
    return written


def load_bundle(path: Path, needed: Sequence[str] = NEEDED) -> Bundle:
    """Read a bundle and check its format, its fields, the hash of every file, and that those ``needed`` are there.

    Raises InputError, one line that names the folder and what is wrong with it.
    """
    bundle = _parse(path, _manifest(path))
    # A file that the manifest does not name is nobody's business: a file manager may have left it.
    for name in sorted({*bundle.files, *needed}):
        if not (path / name).is_file():
            raise InputError(f"{path}: {name} is missing; copy the bundle again or train anew")
        if _digest(path / name) != bundle.files.get(name):
            raise InputError(f"{path}: {name} is not what the bundle was made with; copy it again or train anew")
    for name, measured in bundle.parity.files.items():
        if bundle.files.get(name) != measured:
            raise InputError(f"{path}: its parity was measured on another {name}; train anew")
    return bundle


def _hash_files(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file below `folder` but the manifest, by its relative POSIX path, in order."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: _digest(path) for name, path in names.items() if name != MANIFEST}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _manifest(path: Path) -> dict[str, Any]:
    try:
        found = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path}: no bundle (it holds no {MANIFEST}); `flinch train` makes one") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path / MANIFEST}: cannot be read ({error})") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        told = found.get("format") if isinstance(found, dict) else None
        raise InputError(f"{path / MANIFEST}: format {told!r} where this version reads {FORMAT}; train anew")
    return found


def _parse(path: Path, found: Mapping[str, Any]) -> Bundle:
    try:
        bundle = Bundle(
            path=path,
            **{key: str(found[key]) for key in TEXTS},
            classes=tuple(str(name) for name in found["classes"]),
            input=InputContract(**{**found["input"], "range": tuple(found["input"]["range"])}),
            backbone=BackboneFacts(**found["backbone"]),
            threshold={**found["threshold"], "value": float(found["threshold"]["value"])},
            metrics=dict(found["metrics"]),
            parity=Parity(**found["parity"]),
            golden=tuple(Golden(item["file"], tuple(item["probabilities"])) for item in found["golden"]),
            files=dict(found["files"]),
        )
    except KeyError as error:
        raise InputError(f"{path / MANIFEST}: the key {error} is missing; train anew") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path / MANIFEST}: a key is not what it should be ({error}); train anew") from error
    if bundle.positive not in bundle.classes:
        raise InputError(f"{path / MANIFEST}: positive '{bundle.positive}' is none of its classes")
    _check_levels(bundle)
    if bundle.input.resize != RESIZE:
        raise InputError(f"{path / MANIFEST}: input.resize '{bundle.input.resize}' is unknown (known: {RESIZE})")
    return bundle


def _check_levels(bundle: Bundle) -> None:
    """Refuse strictness levels that would surprise a reader: each a number in 0..1, the stricter never above."""
    if "strictness" not in bundle.threshold:
        return
    said = bundle.threshold["strictness"]
    values = [said.get(level) for level in LEVELS] if isinstance(said, dict) else []
    numbers = [float(value) for value in values if isinstance(value, int | float) and 0 <= value <= 1]
    falling = sorted(numbers, reverse=True) == numbers
    if len(numbers) < len(LEVELS) or not falling or numbers[1] != bundle.threshold_value:
        raise InputError(
            f"{bundle.path / MANIFEST}: threshold.strictness is not lenient >= value >= strict; train anew"
        )


def network_word(name: str, alpha: float, input_size: int, cut: str = "") -> str:
    """Return a network in one word, as `flinch compare` reads it: ``mobilenet_v1:0.25@160:conv_pw_5``."""
    return f"{name}:{alpha}@{input_size}" + (f":{cut}" if cut else "")
