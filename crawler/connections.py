"""Connections that look where they lead before a byte is sent, and that end at a deadline.

A host name is looked up once and the connection goes to an address that was checked, so that a name which answers
differently the second time (DNS rebinding) gains nothing. The same holds for http, https and every redirect.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError


class Refused(Exception):
    """The host leads to an address of this machine or of its own network."""


class Guard:
    """What one fetch is under: the addresses it may reach, and the moment that shuts its connections down."""

    def __init__(self, seconds: float, allowed: Callable[[str], bool]) -> None:
        """``allowed`` says of an IP address (text) whether it may be reached."""
        self._allowed = allowed
        self._end = time.monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True
        self._token: Token[Guard] | None = None

    def __enter__(self) -> "Guard":
        self._token = _guard.set(self)
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            _guard.reset(self._token)
        self._timer.cancel()
        with self._lock:
            for duplicate in self._sockets:
                duplicate.close()
            self._sockets.clear()

    @property
    def left(self) -> float:
        """Seconds that are left; a little more than 0 at the least, since 0 means 'do not wait' to a socket."""
        return max(0.001, self._end - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._end

    def require_allowed(self, address: str, host: str) -> None:
        """Raise Refused unless ``host`` may be reached at ``address``."""
        if not self._allowed(address):
            raise Refused(f"{host} is {address}, which is no address of the open Internet")

    def watch(self, sock: socket.socket) -> None:
        """Shut ``sock`` down at the deadline."""
        # A duplicate: TLS takes the original over and leaves it unusable, the connection is the same.
        duplicate = socket.socket(fileno=socket.dup(sock.fileno()))
        with self._lock:
            self._sockets.append(duplicate)
        if self.passed:
            self._shut()

    def _shut(self) -> None:
        with self._lock:
            for duplicate in self._sockets:
                with contextlib.suppress(OSError):
                    duplicate.shutdown(socket.SHUT_RDWR)


_guard: ContextVar[Guard] = ContextVar("guard")


def connect(connection: Any, guard: Guard) -> socket.socket:
    """Open the socket of a urllib3 connection to the first address that answers; every one tried is checked.

    Raises Refused, or urllib3's errors for names and connections.
    """
    host = connection._dns_host
    try:
        found = socket.getaddrinfo(host, connection.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameResolutionError(host, connection, socket.gaierror(str(error))) from error
    last: OSError | None = None
    for family, kind, protocol, _, address in found:
        guard.require_allowed(str(address[0]), host)
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(guard.left)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
            # What counts is where the socket leads, not what the look-up said.
            guard.require_allowed(str(sock.getpeername()[0]), host)
        except OSError as error:
            sock.close()
            last = error
        except Refused:
            sock.close()
            raise
        else:
            return sock
    if isinstance(last, TimeoutError):
        raise ConnectTimeoutError(connection, f"{host} does not answer")
    raise NewConnectionError(connection, f"{host}: {last}")


class _Guarded:
    """What both kinds of connection share; outside of a guard they do not connect at all (LookupError)."""

    sock: Any

    def _new_conn(self) -> socket.socket:
        guard = _guard.get()
        sock = connect(self, guard)
        guard.watch(sock)
        return sock

    def request(self, *arguments: Any, **options: Any) -> None:
        # A kept connection comes under the guard of the fetch that uses it now.
        if self.sock is not None:
            _guard.get().watch(self.sock)
        super().request(*arguments, **options)  # type: ignore[misc]


class GuardedHTTP(_Guarded, HTTPConnection):
    """http under a guard."""


class GuardedHTTPS(_Guarded, HTTPSConnection):
    """https under a guard."""


class GuardedHTTPPool(HTTPConnectionPool):
    """Pool of GuardedHTTP."""

    ConnectionCls = GuardedHTTP


class GuardedHTTPSPool(HTTPSConnectionPool):
    """Pool of GuardedHTTPS."""

    ConnectionCls = GuardedHTTPS


class GuardedAdapter(HTTPAdapter):
    """requests' transport over guarded connections; nothing is retried behind our back."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        """Make the pools that requests draws connections from."""
        manager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **options)
        manager.pool_classes_by_scheme = {"http": GuardedHTTPPool, "https": GuardedHTTPSPool}
        self.poolmanager = manager
