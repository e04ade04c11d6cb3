"""A copy of the extension's source with a released model that is no network, and its builds."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from tests.trained import ROOT
from training.toolchain.node import find_node

FOLDERS = ("src", "public", "tools", "building", "library")
FILES = ("build.mjs", "package.mjs", "package.json", "tsconfig.json")


def copy_source(checkout: Path) -> Path:
    """Copy what a build reads into an empty folder and return the extension's folder in it."""
    folder = checkout / "extension"
    folder.mkdir()
    shutil.copy(ROOT / "LICENSE", checkout)
    for name in FOLDERS:
        shutil.copytree(ROOT / "extension" / name, folder / name)
    for name in FILES:
        shutil.copy(ROOT / "extension" / name, folder)
    (folder / "node_modules").symlink_to(ROOT / "extension" / "node_modules")
    give_model(folder / "model", b"{}", released={})
    return folder


def give_model(folder: Path, network: bytes, **more: object) -> None:
    """Put a model with its manifest into a folder, whole and measured."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").write_bytes(network)
    files = {"model.json": sha256(network).hexdigest()}
    parity = {"bound": 0.01, "pictures": 1, "saved_model": 0.0, "tfjs": 0.001, "files": files}
    (folder / "bundle.json").write_text(json.dumps({"files": files, "parity": parity, **more}))


def build(
    source: Path, script: str = "build.mjs", *args: str, env: Mapping[str, str] | None = None, umask: int = -1
) -> subprocess.CompletedProcess[str]:
    """Run a build; the caller looks at the return code."""
    return subprocess.run(
        [str(find_node()), script, *args],
        cwd=source,
        env={**os.environ, **(env or {})},
        umask=umask,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
