"""Which IP addresses are of the open Internet, and not of this machine or its network in whatever wrapping."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address (text) is one of the open Internet, also when it is wrapped into IPv6."""
    try:
        found = ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    return all(_is_open(one) for one in _meant(found))


def _is_open(address: Address) -> bool:
    # 6to4 was given up (RFC 7526), and Python's own answer differs from one patch release to the next.
    if isinstance(address, IPv6Address) and (address.is_site_local or address.sixtofour is not None):
        return False
    # The prefix of NAT64 lies in a reserved block, but is how an IPv6-only network reaches every IPv4 host.
    return address.is_global and not address.is_multicast and (not address.is_reserved or address in NAT64)


def _meant(address: Address) -> list[Address]:
    """Return the address and the IPv4 addresses that a router would make of it (RFC 4291, 4380, 6052)."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    wrapped = list(address.teredo or ())
    if address in NAT64:
        wrapped.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [address, *wrapped]
