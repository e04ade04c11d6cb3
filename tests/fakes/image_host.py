"""An image host on 127.0.0.1: honest about some of its paths, hostile on the others.

::

    with ImageHost() as host:
        host.pictures["/lotus.jpg"] = jpeg()
        host.url("/lotus.jpg")

    /status/404               that status
    /redirect?to=URL          a redirect to URL, whatever it is
    /loop                     a redirect to itself
    /hops/3                   three redirects, then the picture /good.png
    /drip                     a byte every 50 ms, for ever, with no Content-Length
    /drip-headers             a header that never ends, a byte every 50 ms
    /silent                   accepts the request and never answers
    /endless                  zeros without end
    /announced                announces 10 TB in its Content-Length
    /cut                      announces more bytes than it sends
    /mislabelled              a PNG that calls itself text/html
    /html                     a page that calls itself image/png
    /robots?tag=T             a picture with X-Robots-Tag: T; the parameter may be repeated
    /gzip-bomb                50 MB of zeros in 50 KB, as Content-Encoding: gzip
    /cookie                   a picture that sets a cookie
"""

import gzip
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

from tests.pictures import png

Headers = dict[str, str] | list[tuple[str, str]]


@dataclass
class ImageHost:
    """A server in a thread; ``requests`` are the (path, headers) that came in over ``connections`` connections."""

    pictures: dict[str, bytes] = field(default_factory=lambda: {"/good.png": png()})
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    connections: int = 0
    closing: Event = field(default_factory=Event)

    def __enter__(self) -> "ImageHost":
        host = self

        class Handler(_Handler):
            image_host = host

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    def url(self, path: str = "/good.png", host: str = "127.0.0.1", scheme: str = "http") -> str:
        """Return the address of a path."""
        return f"{scheme}://{host}:{self.port}{path}"

    def count(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(asked == path for asked, _ in self.requests)


class _Handler(BaseHTTPRequestHandler):
    image_host: ImageHost
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        self.image_host.connections += 1
        super().setup()

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.image_host.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        try:
            if parts.path in self.image_host.pictures:
                self._answer(self.image_host.pictures[parts.path], {"Content-Type": "image/png"})
            else:
                self._special(parts.path, query)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _special(self, path: str, query: dict[str, list[str]]) -> None:
        first, _, rest = path.strip("/").partition("/")
        special: dict[str, Callable[[], None]] = {
            "status": lambda: self._answer(b"no", {}, int(rest)),
            "redirect": lambda: self._redirect(query["to"][0]),
            "loop": lambda: self._redirect("/loop"),
            "hops": lambda: self._redirect(f"/hops/{int(rest) - 1}" if int(rest) > 1 else "/good.png"),
            "drip": lambda: self._forever(b"x", pause=0.05),
            "drip-headers": self._drip_headers,
            "silent": lambda: self._wait(60),
            "endless": lambda: self._forever(bytes(2**16), pause=0),
            "announced": lambda: self._cut(10**13),
            "cut": lambda: self._cut(5000),
            "mislabelled": lambda: self._answer(png(), {"Content-Type": "text/html"}),
            "html": lambda: self._answer(b"<!doctype html><title>404</title>", {"Content-Type": "image/png"}),
            "robots": lambda: self._answer(png(), [("X-Robots-Tag", tag) for tag in query["tag"]]),
            "gzip-bomb": lambda: self._answer(gzip_bomb(), {"Content-Encoding": "gzip"}),
            "cookie": lambda: self._answer(png(), {"Set-Cookie": "reader=17; Path=/"}),
        }
        special.get(first, lambda: self._answer(b"no", {}, 404))()

    def _answer(self, data: bytes, headers: Headers, status: int = 200) -> None:
        self.send_response(status)
        for name, value in headers.items() if isinstance(headers, dict) else headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _redirect(self, to: str) -> None:
        self._answer(b"", {"Location": to}, 302)

    def _forever(self, piece: bytes, pause: float) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.image_host.closing.is_set():
            self.wfile.write(piece)
            self.wfile.flush()
            self._wait(pause)
        self.close_connection = True

    def _drip_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.image_host.closing.is_set():
            self.wfile.write(b"x")
            self.wfile.flush()
            self._wait(0.05)
        self.close_connection = True

    def _cut(self, announced: int) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(announced))
        self.end_headers()
        self.wfile.write(png()[:1000])
        self.close_connection = True

    def _wait(self, seconds: float) -> None:
        if seconds:
            self.image_host.closing.wait(seconds)
        else:
            time.sleep(0)


@cache
def gzip_bomb() -> bytes:
    """Return 50 MB of zeros in 50 KB; packing takes half a second, once: who has less patience asks here first."""
    return gzip.compress(bytes(50 * 2**20))
