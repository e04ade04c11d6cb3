"""A model trained once a session by the real commands, for every test that needs a bundle."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
TINY = ROOT / "tests" / "journey" / "tiny.toml"
FLINCH = Path(sys.executable).parent / "flinch"


@dataclass(frozen=True)
class Road:
    """A home that has been through synthesize and train; ``outcome`` is what ``flinch train --json`` said."""

    home: Path
    extension: Path
    outcome: dict[str, Any]

    def flinch(self, *args: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the installed command on this home; the caller looks at the return code."""
        return flinch(self.home, *args)


def flinch(home: Path, *args: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the installed command on ``home`` (SQLite)."""
    settings = {"FLINCH_HOME": str(home), "FLINCH_DATABASE_URL": f"sqlite:///{home / 'flinch.db'}"}
    return subprocess.run(
        [str(FLINCH), *map(str, args)],
        env={**os.environ, **settings},
        cwd=ROOT,
        timeout=900,
        capture_output=True,
        text=True,
        check=False,
    )


def lend_weights(home: Path) -> None:
    """Give ``home`` the pretrained weights that set-up fetched, if it did; else the command fetches its own."""
    fetched = ROOT / ".flinch" / "cache" / "weights"
    if fetched.is_dir():
        shutil.copytree(fetched, home / "cache" / "weights", dirs_exist_ok=True)


@pytest.fixture(scope="session")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    """Return a home with drawn pictures and a model trained on them, and an extension that carries it."""
    home = tmp_path_factory.mktemp("road") / "home"
    lend_weights(home)
    extension = tmp_path_factory.mktemp("extension") / "dist"
    shutil.copytree(ROOT / "extension" / "dist", extension, ignore=shutil.ignore_patterns("model"))
    drawn = flinch(home, "synthesize", "--concept", TINY)
    assert drawn.returncode == 0, drawn.stderr
    trained = flinch(home, "train", "--concept", TINY, "--extension", extension, "--json")
    assert trained.returncode == 0, trained.stderr
    return Road(home, extension, json.loads(trained.stdout))


@pytest.fixture(scope="session")
def bundle_dir(road: Road) -> Path:
    """Return the folder of a bundle that passed the parity gate."""
    return Path(road.outcome["bundle"])
