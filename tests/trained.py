"""A model trained once a session by the real commands, for every test that needs a bundle."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from store.home import Home

ROOT = Path(__file__).parents[1]
TINY = ROOT / "tests" / "journey" / "tiny.toml"
# What a training makes: the rest of a home is what it starts from, and what it need not compute again.
MADE_BY_TRAINING = ("runs", "bundles", "fits")
NOWHERE = "http://127.0.0.1:9"
PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
FLINCH = Path(sys.executable).parent / "flinch"


@dataclass(frozen=True)
class Road:
    """A home that has been through synthesize and train; ``outcome`` is what ``flinch train --json`` said.

    ``told`` is what it told people meanwhile.
    """

    home: Path
    extension: Path
    outcome: dict[str, Any]
    told: str

    def flinch(self, *args: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the installed command on this home; the caller looks at the return code."""
        return flinch(self.home, *args)

    def as_home(self) -> Home:
        """Return the home for those who open its store in this process."""
        return Home.from_environment(settings_of(self.home))


def settings_of(home: Path) -> dict[str, str]:
    """Return the environment of a command on ``home`` (SQLite)."""
    return {**os.environ, "FLINCH_HOME": str(home), "FLINCH_DATABASE_URL": ""}


def flinch(
    home: Path, *args: str | Path, within: tuple[str, ...] = (), env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the installed command on ``home``, started by the command ``within`` if one is given."""
    return subprocess.run(
        [*within, str(FLINCH), *map(str, args)],
        env={**settings_of(home), **(env or {})},
        cwd=ROOT,
        timeout=900,
        capture_output=True,
        text=True,
        check=False,
    )


def offline(home: Path, *args: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the installed command on ``home`` in a namespace without a network, else behind a dead proxy."""
    # The package managers' own caches would answer in place of the network.
    env = {name: str(home / "empty") for name in ("npm_config_cache", "UV_CACHE_DIR", "PIP_CACHE_DIR")}
    alone: tuple[str, ...] = ("unshare", "--net")
    try:
        subprocess.run([*alone, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        alone, env = (), env | dict.fromkeys(PROXIES, NOWHERE)
    return flinch(home, *args, within=alone, env=env)


def lend_weights(home: Path) -> None:
    """Give ``home`` the pretrained weights that set-up fetched, if it did.

    Set-up fetches them into the home that the tests' environment names, else into the checkout's own.
    """
    for cache in (Home.from_environment().cache, ROOT / ".flinch" / "cache"):
        if any(cache.glob("weights/*")):
            shutil.copytree(cache / "weights", home / "cache" / "weights", dirs_exist_ok=True)
            return


def untrained(road: Road, home: Path) -> None:
    """Copy the road's home as it was before its training, with the decoded pictures and their embeddings."""
    shutil.copytree(road.home, home, ignore=shutil.ignore_patterns(*MADE_BY_TRAINING))


def unexamined(folder: Path) -> Path:
    """Write the tiny concept without stresses and attacks, which change no fit and no number of a split."""
    text = TINY.read_text()
    assert "attacked = 4\n" in text
    concept = folder / "unexamined.toml"
    concept.write_text(text.replace("attacked = 4\n", "attacked = 0\nstress = false\n"))
    return concept


def states_of(home: Path) -> list[Path]:
    """Return the state files of every fit with checkpoints."""
    return list(home.glob("cache/fits/*/state.json"))


def kill_when(home: Path, arguments: list[str], reached: Callable[[], object]) -> None:
    """Start the command on ``home`` and SIGKILL it once ``reached`` finds something."""
    training = subprocess.Popen(
        [str(FLINCH), *arguments],
        env=settings_of(home),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 600
    while not reached():
        assert training.poll() is None, "the training ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(training.pid, signal.SIGKILL)
    training.wait()


@pytest.fixture(scope="session")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    """Return a home with drawn pictures and a model trained on them offline, and an extension that carries it.

    All tests share it: one that changes anything takes a ``trip``.
    """
    home = tmp_path_factory.mktemp("road") / "home"
    lend_weights(home)
    extension = tmp_path_factory.mktemp("extension") / "dist"
    shutil.copytree(ROOT / "extension" / "dist", extension, ignore=shutil.ignore_patterns("model"))
    drawn = flinch(home, "synthesize", "--concept", TINY)
    assert drawn.returncode == 0, drawn.stderr
    trained = offline(home, "train", "--concept", TINY, "--extension", extension, "--json")
    assert trained.returncode == 0, trained.stderr
    return Road(home, extension, json.loads(trained.stdout), trained.stderr)


@pytest.fixture
def trip(road: Road, tmp_path: Path) -> Road:
    """Return a copy of the road that a test may change; the store's rows still name the road's own bundle."""
    shutil.copytree(road.home, tmp_path / "trip")
    shutil.copytree(road.extension, tmp_path / "dist")
    return Road(tmp_path / "trip", tmp_path / "dist", road.outcome, road.told)


@pytest.fixture(scope="session")
def bundle_dir(road: Road) -> Path:
    """Return the folder of a bundle that passed the parity gate."""
    return Path(road.outcome["bundle"])
