"""Which addresses of pictures may be kept: public ones, without what could name a reader.

This keeps a reader's intranet and passwords out of the database. It is no protection for whoever fetches the
picture later: a public name may point anywhere, so the crawler checks the resolved address itself.
"""

import re
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, urlsplit, urlunsplit

from store.addresses import is_public
from store.errors import InputError

LONGEST = 2048
SCHEMES = ("http", "https")

# What a browser writes for an <img>: printable ASCII; it turns a backslash into a slash, so none is left.
WRITTEN_BY_BROWSER = re.compile(r"[!-\[\]-~]+")
HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")

# RFC 6761, 6762, 8375 and 9476, and what home routers and companies use beside them.
PRIVATE_SUFFIX = re.compile(
    r"(alt|arpa|corp|home|internal|intranet|invalid|lan|local|localhost|onion|private|test)"
)


def public_url(text: str, allow_private_hosts: bool = False) -> str:
    """Return ``text`` without user, password and fragment, the host in lower case.

    Raises InputError (one sentence) unless it is an absolute http or https URL of at most 2,048 ASCII characters on
    a host that is public by its name or literal address (or ``allow_private_hosts``).
    """
    if len(text) > LONGEST:
        raise InputError(f"url is longer than {LONGEST} characters")
    if not WRITTEN_BY_BROWSER.fullmatch(text):
        raise InputError("url must be written in printable ASCII without spaces and backslashes, as a browser does")
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError as error:
        raise InputError("url cannot be read") from error
    if parts.scheme not in SCHEMES or not host:
        raise InputError("url must be absolute and start with http:// or https://")
    literal = _literal(host)
    if not allow_private_hosts and not _is_public(host, literal):
        raise InputError("url is on a private or local host")
    return _written(parts, f"[{host}]" if isinstance(literal, IPv6Address) else host, port)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that ``host`` is, None for a name; InputError for neither."""
    if ":" in host or "%" in host:
        try:
            return IPv6Address(host)
        except ValueError as error:
            raise InputError("url has an unusable host") from error
    if not HOST_NAME.fullmatch(host):
        raise InputError("url has an unusable host")
    # 0x7f.1, 2130706433 and 127.1 are addresses to a browser, which writes them out before it sends them.
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", host.rsplit(".", 1)[-1]):
        try:
            return IPv4Address(host)
        except ValueError as error:
            raise InputError("url has an unusable host") from error
    return None


def _is_public(host: str, literal: IPv4Address | IPv6Address | None) -> bool:
    if literal is None:
        return "." in host and not PRIVATE_SUFFIX.fullmatch(host.rsplit(".", 1)[-1])
    return is_public(str(literal))


def _written(parts: SplitResult, host: str, port: int | None) -> str:
    place = host if port is None else f"{host}:{port}"
    return urlunsplit((parts.scheme, place, parts.path or "/", parts.query, ""))
