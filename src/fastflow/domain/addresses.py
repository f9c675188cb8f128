"""Tells public network addresses from those of this machine and of private networks."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

_TRANSLATED: Final = ip_network("64:ff9b::/96")
"""NAT64 (RFC 6052): the last four bytes are an IPv4 address."""
_COMPATIBLE: Final = ip_network("::/96")
"""IPv4 addresses in a form given up long ago (RFC 4291, 2.5.5.1)."""


def as_address(text: str) -> IPv4Address | IPv6Address | None:
    """Read a host that is written as an address; None: it is a name."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the internet at large.

    An IPv6 address that carries an IPv4 one (mapped, 6to4, Teredo, NAT64) is what that one is.
    """
    if isinstance(address, IPv6Address):
        teredo = address.teredo
        inside = address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
        if inside is None and address in _TRANSLATED:
            inside = IPv4Address(address.packed[-4:])
        if inside is not None:
            return is_public(inside)
        if address in _COMPATIBLE:
            return False
    return address.is_global and not address.is_multicast
