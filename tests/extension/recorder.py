"""The whole internet as one local server that notes down who is asked for what, and what is told with it."""

import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.extension.site import TYPES

# The first byte of a TLS handshake; no browser gets further here.
HANDSHAKE = 0x16
COOKIES = ("lax=1; SameSite=Lax", "strict=1; SameSite=Strict", "none=1; SameSite=None; Secure")


@dataclass(frozen=True)
class Asked:
    """One request: of which host, for what, with which cookies and referrer; ``body`` of a POST."""

    host: str
    path: str
    cookies: frozenset[str]
    referrer: str
    method: str = "GET"
    body: bytes = b""

    @property
    def what(self) -> tuple[str, str]:
        """Return host and path."""
        return self.host, self.path


class Recorder:
    """Answers every host; ``files`` are by host and path, ``moved`` says where else some of them are.

    Paths below ``/set-cookies`` set one cookie of each SameSite kind.
    """

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], bytes] = {}
        self.moved: dict[tuple[str, str], str] = {}
        self.cors_hosts: set[str] = set()
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def browser_arguments(self) -> tuple[str, ...]:
        """Return what makes a browser take this server for every host there is."""
        return (f"--host-resolver-rules=MAP * 127.0.0.1:{self.port}",)

    def answer_to(self, host: str, path: str) -> tuple[int, bytes, list[tuple[str, str]]]:
        """Return status, body and further headers."""
        if (host, path) in self.moved:
            return 302, b"", [("Location", self.moved[host, path])]
        if path.startswith("/set-cookies"):
            return 200, b"", [("Set-Cookie", f"{cookie}; Max-Age=600") for cookie in COOKIES]
        if (host, path) in self.files:
            return 200, self.files[host, path], []
        return 404, b"not here", []

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _handler(recorder: Recorder) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            first = self.request.recv(1, socket.MSG_PEEK)
            if first and first[0] == HANDSHAKE:
                recorder.asked.append(Asked("over TLS", "", frozenset(), ""))
                return
            super().handle()

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            cookies = frozenset(filter(None, self.headers.get("Cookie", "").split("; ")))
            referrer = self.headers.get("Referer", "")
            recorder.asked.append(Asked(self.headers["Host"], self.path, cookies, referrer, self.command, body))
            self.answer(*recorder.answer_to(self.headers["Host"], self.path))

        def do_POST(self) -> None:
            self.do_GET()

        def do_OPTIONS(self) -> None:
            self.do_GET()

        def answer(self, status: int, body: bytes, headers: list[tuple[str, str]]) -> None:
            self.send_response(status)
            suffix = "." + self.path.partition("?")[0].rpartition(".")[2]
            self.send_header("Content-Type", TYPES.get(suffix, "text/html; charset=utf-8"))
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "max-age=600")
            allowed = [("Access-Control-Allow-Origin", "*")] if self.headers["Host"] in recorder.cors_hosts else []
            for name, value in headers + allowed:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Say nothing: what was asked is in ``asked``."""

    return Handler
