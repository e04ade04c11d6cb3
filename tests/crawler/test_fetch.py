"""Fetching from a network that means no good, against a real local server."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from crawler.fetch import Caps, Fetcher, FetchError, opted_out
from store.pictures import UnreadablePicture, check
from tests.fakes.image_host import ImageHost, gzip_bomb
from tests.pictures import png

CAPS = Caps(max_bytes=1_000_000, seconds=0.6, redirects=3)
# Seconds that a busy machine may be late; without a deadline it would be for ever.
PATIENCE = 10


@pytest.fixture
def host() -> Iterator[ImageHost]:
    with ImageHost() as running:
        yield running


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    """A fetcher that may reach 127.0.0.1 and no other address."""
    with Fetcher(CAPS, allowed=lambda address: address == "127.0.0.1") as ready:
        yield ready


def reason_of(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url)
    return caught.value.reason


def test_a_picture_arrives_byte_for_byte(host, fetcher):
    fetched = fetcher.fetch(host.url("/good.png"))

    assert fetched.data == png()
    assert fetched.final_url == host.url("/good.png")


def test_redirects_are_followed_up_to_the_limit_and_name_the_last_url(host, fetcher):
    fetched = fetcher.fetch(host.url("/hops/3"))

    assert fetched.final_url == host.url("/good.png")
    assert reason_of(fetcher, host.url("/hops/4")) == "too_many_redirects"
    assert reason_of(fetcher, host.url("/loop")) == "too_many_redirects"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "refused_scheme"),
        ("ftp://example.org/a.png", "refused_scheme"),
        ("data:image/png;base64,AAAA", "refused_scheme"),
        ("gopher://127.0.0.1:6379/_FLUSHALL", "refused_scheme"),
        ("//example.org/a.png", "refused_scheme"),
        ("http://", "bad_url"),
        ("http://example.org:99999/", "bad_url"),
        ("http://[::1/", "bad_url"),
        ("http://user:word@example.org/", "bad_url"),
        ("http://127.0.0.1/\r\nHost: evil", "bad_url"),
        ("http://127.0.0.1/" + "a" * 5000, "bad_url"),
        ("http://" + "a" * 70 + ".invalid/", "unreachable"),
        ("http://nowhere.invalid/a.png", "unreachable"),
    ],
)
def test_a_url_that_is_no_web_address_is_refused(fetcher, url, reason):
    assert reason_of(fetcher, url) == reason


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "javascript:alert(1)"])
def test_a_redirect_to_another_scheme_is_refused(host, fetcher, target):
    assert reason_of(fetcher, host.url(f"/redirect?to={target}")) == "refused_scheme"


@pytest.mark.parametrize("name", ["127.0.0.2", "[::1]", "0x7f.0.0.2", "2130706434", "[::ffff:127.0.0.2]"])
def test_a_redirect_to_an_address_that_is_not_allowed_is_refused(host, fetcher, name):
    target = host.url("/secret", host=name)

    reason = reason_of(fetcher, host.url(f"/redirect?to={target}"))

    assert reason == "private_address"
    assert host.count("/secret") == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "name", ["127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "[::ffff:127.0.0.1]"]
)
def test_this_machine_is_refused_under_all_of_its_names_and_hears_nothing(host, scheme, name):
    with Fetcher(CAPS) as fetcher:
        reason = reason_of(fetcher, host.url("/good.png", host=name, scheme=scheme))

    assert reason == "private_address"
    assert host.connections == 0


@pytest.mark.parametrize("name", ["169.254.169.254", "10.0.0.1", "[fe80::1]", "[fd00::1]", "224.0.0.1"])
def test_metadata_and_private_networks_are_refused(name):
    with Fetcher(CAPS) as fetcher:
        assert reason_of(fetcher, f"http://{name}/latest/meta-data/") == "private_address"


def test_a_proxy_in_the_environment_is_not_used(host, fetcher, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")

        assert fetcher.fetch(host.url()).data == png()


@pytest.mark.parametrize("path", ["/drip", "/drip-headers", "/silent"])
def test_one_deadline_ends_every_way_of_being_slow(host, fetcher, path):
    started = time.monotonic()

    reason = reason_of(fetcher, host.url(path))

    assert reason == "too_slow"
    assert time.monotonic() - started < CAPS.seconds + PATIENCE


def test_a_tls_handshake_that_never_comes_ends_at_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as silent, Fetcher(CAPS, allowed=lambda _: True) as fetcher:
        started = time.monotonic()

        reason = reason_of(fetcher, f"https://127.0.0.1:{silent.getsockname()[1]}/a.png")

    assert reason == "too_slow"
    assert time.monotonic() - started < CAPS.seconds + PATIENCE


def test_a_server_without_tls_is_told_from_one_that_is_away(host, fetcher):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    assert reason_of(fetcher, host.url(scheme="https")) == "tls"
    assert reason_of(fetcher, f"http://127.0.0.1:{port}/") == "unreachable"


@pytest.mark.parametrize("path", ["/endless", "/announced"])
def test_bytes_are_capped_while_they_stream_and_when_they_are_announced(host, fetcher, path):
    assert reason_of(fetcher, host.url(path)) == "too_many_bytes"


def test_a_body_that_ends_early_is_no_picture(host, fetcher):
    assert reason_of(fetcher, host.url("/cut")) == "unreachable"


@pytest.mark.parametrize("status", [204, 403, 404, 410, 429, 500])
def test_a_refusal_of_the_server_is_counted_by_its_status(host, fetcher, status):
    assert reason_of(fetcher, host.url(f"/status/{status}")) == f"http_{status}"


def test_bytes_decide_what_a_picture_is_and_not_the_content_type(host, fetcher):
    picture = check(fetcher.fetch(host.url("/mislabelled")).data)

    assert picture.format == "PNG"
    with pytest.raises(UnreadablePicture):
        check(fetcher.fetch(host.url("/html")).data)


def test_a_compressed_answer_is_never_unfolded(host, fetcher):
    gzip_bomb()

    fetched = fetcher.fetch(host.url("/gzip-bomb"))

    assert len(fetched.data) < 100_000


@pytest.mark.parametrize("tag", ["noai", "noindex,%20nofollow", "flinch:%20noai", "NoImageAI"])
def test_an_owner_who_opts_out_is_heard(host, fetcher, tag):
    assert reason_of(fetcher, host.url(f"/robots?tag={tag}")) == "opted_out"


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        (["googlebot: noindex"], False),
        (["googlebot: nofollow, noai"], False),
        (["nofollow", "max-image-preview:large"], False),
        (["unavailable_after: 25 Jun 2010 15:00:00 PST"], False),
        (["googlebot: noai", "noimageindex"], True),
        (["googlebot: nofollow, flinch: noai"], True),
        (["max-snippet: 20, noai"], True),
        ([], False),
    ],
)
def test_a_directive_for_another_robot_is_not_for_us(headers, refused):
    assert opted_out(headers) is refused


def test_no_cookie_comes_back_and_the_agent_says_who_asks(host, fetcher):
    fetcher.fetch(host.url("/cookie"))
    fetcher.fetch(host.url("/cookie"))

    _, headers = host.requests[-1]
    assert "cookie" not in headers
    assert "referer" not in headers
    assert headers["user-agent"].startswith("Flinch/")


def test_a_connection_is_kept_for_the_next_picture_and_is_under_its_deadline(host, fetcher):
    fetcher.fetch(host.url())
    fetcher.fetch(host.url())

    assert host.connections == 1
    assert reason_of(fetcher, host.url("/drip")) == "too_slow"
    assert host.connections == 1


def test_threads_share_a_fetcher_each_under_a_deadline_of_its_own(host, fetcher):
    reasons: list[str] = []
    slow = threading.Thread(target=lambda: reasons.append(reason_of(fetcher, host.url("/drip"))))
    slow.start()

    pictures = [fetcher.fetch(host.url()).data for _ in range(5)]

    slow.join()
    assert pictures == [png()] * 5
    assert reasons == ["too_slow"]
