"""The service twice: inside the test (``client``) and as the real process (``start_server``)."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from flask.testing import FlaskClient

from serving.app import create_app
from store.config import Concept, load_config
from store.database import Store
from store.home import Home
from tests.conftest import flinch_script


@dataclass(frozen=True)
class Server:
    """``flinch serve`` on a free port; ``agent`` is what a reader's browser says of itself."""

    url: str
    process: subprocess.Popen[str]
    errors: Path
    agent: str = "Reader/7 (a rare browser)"

    def post(self, body: object, **headers: str) -> requests.Response:
        told = {"User-Agent": self.agent, "Cookie": "reader=4711", "X-Forwarded-For": "203.0.113.9", **headers}
        return requests.post(f"{self.url}/v1/feedback", json=body, headers=told, timeout=10)

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=10)

    def stop(self) -> tuple[int, str]:
        """Send SIGTERM; return the exit code and all that was printed after the line of the start."""
        self.process.send_signal(signal.SIGTERM)
        rest, _ = self.process.communicate(timeout=20)
        return self.process.returncode, rest + self.errors.read_text()


@pytest.fixture
def concept() -> Concept:
    return load_config("trypophobia")


@pytest.fixture
def client(store: Store, concept: Concept) -> FlaskClient:
    return create_app(store, concept).test_client()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Return ``start_server(home, *options) -> Server``; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(home: Home, *options: str) -> Server:
        errors = tmp_path / f"serve-{len(started)}.err"
        settings = {"FLINCH_HOME": str(home.path), "FLINCH_DATABASE_URL": home.database_url}
        with errors.open("w") as stderr:
            process = subprocess.Popen(
                [str(flinch_script()), "serve", "--port", "0", *options],
                env={**os.environ, **settings},
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        started.append(process)
        line = process.stdout.readline()
        assert line.startswith("serving trypophobia on http://127.0.0.1:"), errors.read_text()
        return Server(line.split()[3].rstrip(";"), process, errors)

    yield start
    for process in started:
        process.kill()
        process.communicate()
