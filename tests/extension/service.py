"""A service that takes reports, notes all that it is told, and can be away for a while."""

import threading
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Told:
    """One request, as it came."""

    method: str
    path: str
    headers: Message
    body: bytes


class Service:
    """Answers with ``status`` (and ``headers``) at ``url`` and notes in ``told`` what it was told."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.status = 201
        self.headers: dict[str, str] = {}
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        """The service's address, also while it is away."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Answer, at the port of before."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Be away: connections are refused; the port stays its own."""
        self._server.shutdown()
        self._server.server_close()


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            service.told.append(Told(self.command, self.path, self.headers, body))
            self.send_response(service.status)
            for name, value in service.headers.items():
                self.send_header(name, value)
            self.send_header("Set-Cookie", "reader=4711")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST = do_OPTIONS = answer  # noqa: N815

        def log_message(self, *args: Any) -> None:
            """Say nothing: what was told is in ``told``."""

    return Handler
