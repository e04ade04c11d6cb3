"""Fetch one file from a network that means no good.

What a page or a report hands us is a URL written by a stranger. It may point at our own network, redirect there,
drip a byte a minute, or never end. So: http and https only, every redirect is checked like the first URL, addresses
are checked where the connection is made (``crawler.connections``), one deadline covers everything from the first
connection to the last byte, and bytes are capped while they stream in. What the bytes are is decided by
``store.pictures.check``, never by the Content-Type.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from crawler.connections import Guard, GuardedAdapter, Refused
from store.addresses import is_public

ABOUT = "pictures for training; X-Robots-Tag is honoured"
REDIRECTS = (301, 302, 303, 307, 308)
# The directives that img2dataset honours: the owner does not want the picture collected or learned from.
OPT_OUT = frozenset({"noai", "noimageai", "noindex", "noimageindex"})
WITH_VALUE = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
AGENT = "flinch"
LONGEST_URL = 4096


@dataclass(frozen=True)
class Caps:
    """What one fetch may cost: bytes, seconds from start to end, and redirects."""

    max_bytes: int = 20 * 2**20
    seconds: float = 30.0
    redirects: int = 5


@dataclass(frozen=True)
class Fetched:
    """The bytes, and the URL that gave them after all redirects."""

    data: bytes
    final_url: str


class FetchError(Exception):
    """One URL that gave nothing; ``reason`` is what a tally counts: a word such as ``too_slow`` or ``http_404``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class Fetcher:
    """Connections that are kept between fetches, which threads may share; no cookies, proxies or credentials."""

    def __init__(self, caps: Caps = Caps(), allowed: Callable[[str], bool] = is_public) -> None:
        """``allowed`` says of an IP address (text) whether it may be reached."""
        self._caps = caps
        self._allowed = allowed
        self._session = requests.Session()
        # Proxies and .netrc of the environment would go around the address check, or tell strangers a password.
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update(
            {
                "User-Agent": f"Flinch/{version('flinch')} ({ABOUT})",
                "Accept": "image/*;q=1, */*;q=0.1",
                # A compressed answer could unfold to any size.
                "Accept-Encoding": "identity",
            }
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, GuardedAdapter())

    def __enter__(self) -> "Fetcher":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def fetch(self, url: str) -> Fetched:
        """Return what ``url`` holds after at most ``caps.redirects`` redirects.

        Raises FetchError: bad_url, refused_scheme, private_address, too_many_redirects, too_many_bytes, too_slow,
        unreachable, tls, opted_out, empty, or http_404 and the like.
        """
        with Guard(self._caps.seconds, self._allowed) as guard:
            too_slow = FetchError("too_slow", f"more than {self._caps.seconds:g} s")
            try:
                fetched = self._attempt(url)
            except FetchError as error:
                # Whatever broke after the deadline, broke because the connection was shut down.
                raise too_slow if guard.passed else error from error.__cause__
            if guard.passed:
                # A body without a length does not even break, it just ends.
                raise too_slow
            return fetched

    def _attempt(self, url: str) -> Fetched:
        try:
            return self._follow(url)
        except Refused as error:
            raise FetchError("private_address", str(error)) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise FetchError(_reason(error), str(error)) from error

    def _follow(self, url: str) -> Fetched:
        for _ in range(self._caps.redirects + 1):
            _check_url(url)
            with self._session.get(url, stream=True, allow_redirects=False, timeout=self._caps.seconds) as response:
                if response.status_code not in REDIRECTS:
                    return Fetched(self._body(response), url)
                target = self._session.get_redirect_target(response)
                if not target:
                    raise FetchError(f"http_{response.status_code}", "a redirect to nowhere")
                url = urljoin(url, target)
        raise FetchError("too_many_redirects", f"more than {self._caps.redirects}")

    def _body(self, response: requests.Response) -> bytes:
        if response.status_code != 200:
            raise FetchError(f"http_{response.status_code}", str(response.reason))
        if opted_out(response.raw.headers.getlist("X-Robots-Tag")):
            raise FetchError("opted_out", "X-Robots-Tag")
        limit = self._caps.max_bytes
        declared = response.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise FetchError("too_many_bytes", f"{declared} bytes are announced, more than {limit}")
        data = bytearray()
        for piece in response.raw.stream(2**16, decode_content=False):
            data += piece
            if len(data) > limit:
                raise FetchError("too_many_bytes", f"more than {limit}")
        if not data:
            raise FetchError("empty")
        return bytes(data)


def opted_out(headers: Iterable[str]) -> bool:
    """Whether an X-Robots-Tag keeps us from a picture; after ``name:`` directives are for that robot alone."""
    for header in headers:
        robot = AGENT
        for part in header.lower().split(","):
            name, colon, rest = (piece.strip() for piece in part.partition(":"))
            if colon and name not in WITH_VALUE:
                robot, name = name, rest
            if robot == AGENT and name in OPT_OUT:
                return True
    return False


def _check_url(url: str) -> None:
    if len(url) > LONGEST_URL:
        raise FetchError("bad_url", f"longer than {LONGEST_URL} characters")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise FetchError("bad_url", str(error)) from error
    if parts.scheme not in ("http", "https"):
        raise FetchError("refused_scheme", parts.scheme)
    if not parts.hostname or parts.username is not None or any(ord(letter) < 33 for letter in url):
        raise FetchError("bad_url", "no host, a user name, or a control character")


def _reason(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "too_slow"
    # requests.exceptions.InvalidURL is one, and so is a host name that no DNS can hold.
    if isinstance(error, ValueError):
        return "bad_url"
    return "unreachable"
