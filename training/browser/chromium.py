"""Run one of the extension's tool pages in headless Chromium and take its answer, with nothing but the browser.

The page and the folders that it reads are served on the loopback interface; the page asks for its question there
and posts its answer back. No driver is needed, so it works wherever a Chromium or Chrome is installed.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from typing import Any

from store.errors import InputError
from training.exporting.parity import SCRIPT

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PAGES = SCRIPT.parent
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".json": "application/json"}
TYPES |= {".wasm": "application/wasm"}
MISSING = "no Chromium on the PATH; install the package 'chromium' (Debian, Ubuntu: apt-get install chromium)"
SWITCHES = (
    "--headless=new",
    # It shows one page of ours and nothing else; containers and root have no sandbox to offer.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # A page that nobody looks at is otherwise slowed down, and its timings with it.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--no-default-browser-check",
    "--no-first-run",
    # A proxy of the environment must not be asked for 127.0.0.1.
    "--no-proxy-server",
)


def find_chromium() -> Path | None:
    """Return an installed Chromium or Chrome, or None."""
    return next((Path(found) for name in NAMES if (found := shutil.which(name))), None)


def ask_page(
    page: str, question: Mapping[str, Any], folders: Mapping[str, Path], *, seconds: float, pages: Path = PAGES
) -> Any:
    """Open ``pages/page`` in a fresh headless Chromium and return what it answers to ``question``.

    ``folders`` are served beside the page by their names, only for reading and only to the page: it knows a secret
    path. Raises InputError: no Chromium, a page that is not built, an error of the page (its own words), no answer
    after ``seconds``.
    """
    chromium = find_chromium()
    if chromium is None:
        raise InputError(MISSING)
    if not (pages / page).is_file():
        raise InputError(f"{pages / page} is missing; run `make extension` first")
    with (
        _open_desk(question, {"page": pages, **folders}) as desk,
        _open_browser(chromium, f"{desk.url}/page/{page}") as browser,
    ):
        said = _wait(desk, browser, chromium, seconds)
    if "error" in said:
        raise InputError(f"{page} in {chromium}: {said['error']}")
    return said["answer"]


def _wait(desk: "_Desk", browser: "subprocess.Popen[bytes]", chromium: Path, seconds: float) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while not desk.answered.wait(0.1):
        if browser.poll() is not None:
            raise InputError(f"{chromium} ended with code {browser.returncode} before it answered")
        if time.monotonic() > deadline:
            raise InputError(f"{chromium} gave no answer in {seconds:.0f} s")
    return desk.said


class _Desk:
    """Serves folders, hands out the question and takes the answer."""

    def __init__(self, question: Mapping[str, Any], folders: Mapping[str, Path]) -> None:
        self.question = json.dumps(question).encode()
        self.folders = folders
        # Other processes of this machine can reach the port, but not guess the path.
        self.secret = secrets.token_urlsafe(16)
        self.said: dict[str, Any] = {}
        self.answered = threading.Event()
        self.server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}/{self.secret}"

    def read(self, path: str) -> bytes | None:
        """Return the file at a URL's path, or None when it is not to be had."""
        _, secret, *parts = PurePosixPath(path.partition("?")[0]).parts or ("", "")
        if secret != self.secret or ".." in parts or not parts:
            return None
        if parts == ["question"]:
            return self.question
        file = self.folders[parts[0]].joinpath(*parts[1:]) if parts[0] in self.folders else None
        return file.read_bytes() if file and file.is_file() else None

    def take(self, path: str, body: bytes) -> bool:
        """Take the answer from the page; False for anybody else."""
        if path != f"/{self.secret}/answer":
            return False
        self.said = json.loads(body)
        self.answered.set()
        return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that the browser drops as it ends."""


@contextmanager
def _open_desk(question: Mapping[str, Any], folders: Mapping[str, Path]) -> Iterator[_Desk]:
    desk = _Desk(question, folders)
    thread = threading.Thread(target=desk.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield desk
    finally:
        desk.server.shutdown()
        desk.server.server_close()


@contextmanager
def _open_browser(chromium: Path, url: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the browser on a profile of its own; at the end its whole process group goes."""
    with tempfile.TemporaryDirectory(prefix="flinch-browser-", ignore_cleanup_errors=True) as profile:
        browser = subprocess.Popen(
            [str(chromium), *SWITCHES, f"--user-data-dir={profile}", url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield browser
        finally:
            _end(browser)


def _end(browser: "subprocess.Popen[bytes]") -> None:
    # Its helpers are of the same group; one that outlived it would go on writing into the profile.
    for word in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(browser.pid, word)
            browser.wait(5)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    browser.wait()


def _handler(desk: _Desk) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = desk.read(self.path)
            self._send(404 if body is None else 200, body or b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._send(204 if desk.take(self.path, body) else 404, b"")

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            suffix = PurePosixPath(self.path.partition("?")[0]).suffix
            self.send_header("Content-Type", TYPES.get(suffix, "application/octet-stream"))
            self.send_header("Content-Length", str(len(body)))
            # Isolated pages get a clock of 5 microseconds instead of 100.
            self.send_header("Cross-Origin-Opener-Policy", "same-origin")
            self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Say nothing: what went wrong comes back as an error."""

    return Handler
