"""Put a bundle's model into the built extension, as one step that is either done or not."""

import shutil
import tempfile
from pathlib import Path

from inference.bundle import MANIFEST, Bundle
from store.folders import replace_folder
from store.home import storage_error

# What the browser reads; golden pictures of hole clusters have no business on a reader's disk.
PATTERNS = ("model.json", "*.bin", MANIFEST)


def browser_files(bundle: Path) -> list[Path]:
    """Return the files of a bundle's folder that the browser reads."""
    return [file for pattern in PATTERNS for file in sorted(bundle.glob(pattern))]


def download_bytes(bundle: Path) -> int:
    """Return the bytes of the files that the browser reads of a bundle's folder, uncompressed."""
    return sum(file.stat().st_size for file in browser_files(bundle))


def install_into_extension(bundle: Bundle, built: Path) -> Path | None:
    """Replace ``built/model`` by the bundle's browser files; return the folder to load, None if nothing is built.

    Raises StoreError when it cannot be written.
    """
    if not (built / "manifest.json").is_file():
        return None
    try:
        with tempfile.TemporaryDirectory(prefix=".model-", dir=built.parent) as workspace:
            fresh = Path(workspace) / "model"
            fresh.mkdir()
            for file in browser_files(bundle.path):
                shutil.copy(file, fresh / file.name)
            replace_folder(built / "model", fresh)
    except OSError as error:
        raise storage_error(error, built) from error
    return built
