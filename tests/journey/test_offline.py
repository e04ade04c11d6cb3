"""After set-up a training needs no network, and without weights it says what to do."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.trained import TINY, Road, flinch

NOWHERE = "http://127.0.0.1:9"
PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")

Offline = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def offline(tmp_path: Path) -> Offline:
    """Return ``offline(home, *args)``: the command in a namespace without a network, else behind a dead proxy."""
    # The package managers' own caches would answer in place of the network.
    env = {name: str(tmp_path / "empty") for name in ("npm_config_cache", "UV_CACHE_DIR", "PIP_CACHE_DIR")}
    alone: tuple[str, ...] = ("unshare", "--net")
    try:
        subprocess.run([*alone, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        alone, env = (), env | dict.fromkeys(PROXIES, NOWHERE)

    def run(home: Path, *args: str | Path) -> subprocess.CompletedProcess[str]:
        return flinch(home, *args, within=alone, env=env)

    return run


def test_a_training_after_set_up_needs_no_network(trip: Road, offline: Offline):
    training = ["train", "--concept", TINY, "--extension", trip.extension, "--epochs", "0", "--fresh"]

    trained = offline(trip.home, *training)

    assert trained.returncode == 0, trained.stderr
    assert "weights from cache" in trained.stderr


def test_without_weights_and_network_one_line_names_the_ways_out(tmp_path: Path, offline: Offline):
    # A home of its own: in a copy of the road's the earlier bundle would be the way out.
    drawn = flinch(tmp_path / "home", "synthesize", "--concept", TINY, "--count", "60")
    assert drawn.returncode == 0, drawn.stderr

    refused = offline(tmp_path / "home", "train", "--concept", TINY, "--extension", tmp_path)

    said = [line for line in refused.stderr.splitlines() if line.startswith("flinch: ")]
    assert refused.returncode == 6, refused.stderr
    assert said == refused.stderr.splitlines()[-1:]
    assert "Traceback" not in refused.stderr
    for way_out in ("run `flinch weights` once", "choose a network with a mirror", "start from an earlier bundle"):
        assert way_out in said[0]
