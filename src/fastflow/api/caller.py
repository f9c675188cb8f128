"""Says from which address a request came, after what trusted proxies tell."""

from ipaddress import IPv4Address

from fastapi import Request

from fastflow.domain.addresses import as_address


def address_of(request: Request) -> str | None:
    """Return the caller's address; None: there is none, as a proxy that names "unknown" tells.

    What is no address is not kept: it would be stored, and counted as another caller each time.
    """
    address = as_address(request.client.host) if request.client is not None else None
    if address is None or isinstance(address, IPv4Address):
        return str(address) if address is not None else None
    return str(address.ipv4_mapped or address).partition("%")[0]
