"""Opens connections to GitHub's API: by the proxy where there is one, and to no private address."""

import socket
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from fastflow.domain.addresses import as_address, is_public
from fastflow.domain.errors import Invalid


class PrivateAddress(OSError):
    """A name stands for an address that must not be connected to."""


class PublicAddresses(AbstractResolver):
    """Looks names up and lets nobody connect to an address that is not public."""

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses, which are the ones that are connected to.

        Raises:
            PrivateAddress: one of them is not public.
        """
        found = await self._inner.resolve(host, port, family)
        for result in found:
            address = as_address(result["host"].partition("%")[0])
            if address is None or not is_public(address):
                raise PrivateAddress(f"{host} has the address {result['host']}")
        return found

    async def close(self) -> None:
        """Let go of nothing."""
        await self._inner.close()


def refuse_private_literal(url: str) -> None:
    """Refuse a URL whose host is written as an address that is not public: it is not looked up.

    Raises:
        Invalid: `address_not_allowed`.
    """
    host = urlsplit(url).hostname or ""
    address = as_address(host.partition("%")[0])
    if address is not None and not is_public(address):
        raise address_not_allowed(host)


def address_not_allowed(what: str) -> Invalid:
    """Return the refusal of an address that is not public."""
    return Invalid(
        "address_not_allowed",
        f"GitHub's API at {what} is not at a public address. Set ALLOW_PRIVATE_ADDRESSES=true if it is in "
        "this server's own network.",
        {"api_url": what},
    )


def proxy_of(url: str) -> str | None:
    """Return the proxy that the environment names for that URL (HTTPS_PROXY, NO_PROXY and their kin)."""
    parts = urlsplit(url)
    proxies = getproxies()
    if not proxies or proxy_bypass(parts.hostname or ""):
        return None
    return proxies.get(parts.scheme) or proxies.get("all")
