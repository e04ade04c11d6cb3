"""A real web site, whose pictures can be slow, missing, broken, or refused to those who ask twice."""

import select
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".json": "application/json"}
TYPES |= {".css": "text/css", ".xml": "application/xml"}
TYPES |= {".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml", ".wasm": "application/wasm"}
# Seconds; longer than any page that waits for it is looked at.
HELD = 8


class Site:
    """Serves ``files`` (and the folders of ``folders``) at ``url``; counts requests by path in ``asked``.

    A request may say how it wants to be treated: ``?delay=0.5`` (seconds before the answer), ``?drip=0.5`` (seconds
    between the halves of the body), ``?status=404``, ``?cors`` (sends Access-Control-Allow-Origin), ``?once`` (403
    to every request after the first, never cached; ``?once=drop`` hangs up instead). ``?held`` keeps everybody but
    the page itself waiting, ``?refused`` sends them something that is no picture, ``?swapped=NAME`` another file.
    ``?referer`` gives 403 to those who do not say that they are a page, ``?embedded`` to those who do not ask for
    an image. ``?second=4`` delays every request after the first. ``gone`` counts those who hung up during a delay.
    Paths in ``failing`` are answered once, and hung up on afterwards.
    """

    def __init__(self, host: str) -> None:
        self.files: dict[str, bytes] = {}
        self.folders: dict[str, Path] = {}
        self.asked: Counter[str] = Counter()
        self.gone: Counter[str] = Counter()
        self.referers: dict[str, str] = {}
        self.failing: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://{host}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def page(self, name: str, body: str, head: str = "") -> str:
        """Serve an HTML page and return its address."""
        html = f"<!doctype html><html><head><title>{name}</title>{head}</head><body>{body}</body></html>"
        return self.put(f"{name}.html", html.encode())

    def put(self, name: str, data: bytes) -> str:
        """Serve ``data`` under ``name`` and return its address."""
        self.files[f"/{name}"] = data
        return f"{self.url}/{name}"

    def body(self, path: str) -> bytes | None:
        """Return the file at a path, or None."""
        if path in self.files:
            return self.files[path]
        folder, _, name = path.lstrip("/").partition("/")
        file = self.folders[folder] / name if folder in self.folders else None
        return file.read_bytes() if file and file.is_file() else None

    def fails(self, path: str) -> bool:
        """Say whether the connection of a request is cut without an answer."""
        return path in self.failing and self.asked[path] > 1

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            wish = parse_qs(address.query, keep_blank_values=True)
            site.asked[self.path] += 1
            site.referers[self.path] = self.headers.get("Referer", "")
            if is_turned_away(self.headers, wish):
                time.sleep(HELD if "held" in wish else 0)
                self.answer(403, b"no", "", wish)
            elif not site.fails(self.path) and is_still_there(self.connection, delay(wish, site.asked[self.path])):
                self.treat(address, wish)
            else:
                site.gone[self.path] += 1
                self.close_connection = True

        def treat(self, address: SplitResult, wish: dict[str, list[str]]) -> None:
            swapped = "swapped" in wish and is_the_extension(self.headers)
            body = site.body(f"/{wish['swapped'][0]}" if swapped else address.path)
            status = int(wish.get("status", ["200" if body is not None else "404"])[0])
            if "once" in wish and site.asked[self.path] > 1:
                status, body = 403, b"no"
                if wish["once"] == ["drop"]:
                    self.close_connection = True
                    return
            self.answer(status, body or b"not here", Path(address.path).suffix, wish)

        def answer(self, status: int, body: bytes, suffix: str, wish: dict[str, list[str]]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", TYPES.get(suffix, "application/octet-stream"))
            self.send_header("Content-Length", str(len(body)))
            # Several tests have pages of one name; pictures are kept, as most hosts let browsers keep them.
            kept = "no-cache" if suffix == ".html" else "max-age=600"
            self.send_header("Cache-Control", "no-store" if "once" in wish else kept)
            if "cors" in wish:
                self.send_header("Access-Control-Allow-Origin", "*")
            with suppress(ConnectionError):
                self.end_headers()
            half = len(body) // 2 if "drip" in wish else len(body)
            # Whoever asked may have gone.
            with suppress(ConnectionError):
                self.wfile.write(body[:half])
                self.wfile.flush()
                time.sleep(float(wish.get("drip", ["0"])[0]))
                self.wfile.write(body[half:])

        def log_message(self, *args: Any) -> None:
            """Say nothing: what was asked is in ``asked``."""

    return Handler


def is_still_there(connection: socket.socket, seconds: float) -> bool:
    """Wait; False as soon as the other end has hung up."""
    if seconds == 0 or not select.select([connection], [], [], seconds)[0]:
        return True
    return connection.recv(1, socket.MSG_PEEK) != b""


def delay(wish: dict[str, list[str]], asked: int) -> float:
    """Return the seconds before the answer to a request, the ``asked``-th for its path."""
    return float(wish.get("second" if asked > 1 else "delay", ["0"])[0])


def is_turned_away(headers: Message, wish: dict[str, list[str]]) -> bool:
    """Say whether a request gets 403 for what it says of itself."""
    if "referer" in wish and not headers.get("Referer", "").startswith("http"):
        return True
    if "embedded" in wish and headers.get("Sec-Fetch-Dest") != "image":
        return True
    return bool({"held", "refused"} & wish.keys()) and is_the_extension(headers)


def is_the_extension(headers: Message) -> bool:
    """Say whether no page made a request; a page's own fetch looks the same: pages with these wishes have none."""
    foreign = headers.get("Origin", "").startswith("chrome-extension:")
    unsent = headers.get("Sec-Fetch-Site") == "none" and headers.get("Sec-Fetch-Mode") != "navigate"
    return foreign or unsent or headers.get("Sec-Fetch-Dest") == "empty"
