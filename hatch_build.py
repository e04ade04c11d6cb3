"""What hatchling is told beyond pyproject.toml."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WithParityScript(BuildHookInterface):
    """Puts the built tools of the gates into the wheel; without them, `flinch train` refuses to start."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files where a checkout has built them; an editable install (not "standard") finds them there."""
        built = Path(self.root) / "extension" / "build"
        if version == "standard" and (built / "parity.mjs").is_file():
            patterns = ("parity.mjs*", "*.wasm", "*.html", "*.js", "*.js.LEGAL.txt")
            files = [file for pattern in patterns for file in built.glob(pattern)]
            build_data["force_include"] |= {str(file): f"training/node_tools/{file.name}" for file in files}
