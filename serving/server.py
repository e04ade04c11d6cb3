"""The service under gunicorn: worker processes that share one listening socket and nothing else."""

import errno
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from store.errors import InputError

THREADS = 4  # a worker; a slow client costs a thread and not the worker
GRACE = 10  # seconds that requests get to finish after SIGTERM


@dataclass(frozen=True)
class Listening:
    """A socket that is bound, and how a person writes its address."""

    socket: socket.socket
    url: str


def listen(host: str, port: int) -> Listening:
    """Bind ``host:port`` (port 0: any free one).

    gunicorn would try a port in use for five seconds and then print a log; here it is one line at once, InputError.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.create_server(address[:2], family=family, backlog=2048)
    except socket.gaierror as error:
        raise InputError(f"--host {host}: no such host ({error.strerror})") from error
    except OSError as error:
        raise InputError(_refusal(host, port, error)) from error
    shown = f"[{host}]" if family == socket.AF_INET6 else host
    return Listening(bound, f"http://{shown}:{bound.getsockname()[1]}")


def run(make_app: Callable[[], Flask], listening: Listening, workers: int, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or Ctrl-C; ``make_app`` is called in every worker, ``ready`` once before the first."""
    options = {
        "bind": f"fd://{listening.socket.fileno()}",
        "workers": workers,
        "worker_class": "gthread",
        "threads": THREADS,
        "graceful_timeout": GRACE,
        # No log of requests, and no warnings either: those about malformed requests name the client's address.
        "accesslog": None,
        "loglevel": "error",
        # A control socket in the home folder of whoever starts it would be shared by all servers.
        "control_socket_disable": True,
        "when_ready": lambda _arbiter: ready(),
    }
    _Server(make_app, options).run()


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"--port {port} on {host} is in use; choose another one (0 takes any that is free)"
    if error.errno == errno.EACCES:
        return f"--port {port} needs more rights than yours; choose one above 1023"
    return f"--host {host}: cannot be listened on ({os.strerror(error.errno or 0)})"


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn told what to do by this program alone, not by its files or environment."""

    def __init__(self, make_app: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._make_app = make_app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._make_app()
