"""Opens connections to other servers: by a proxy where there is one, to private addresses if allowed."""

import socket
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from fastflow.domain.addresses import as_address, is_public
from fastflow.domain.errors import Invalid


class PrivateAddress(OSError):
    """A host is, or stands for, an address that must not be connected to."""


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
            _require_public(result["host"])
        return found

    async def close(self) -> None:
        """Let go of nothing."""
        await self._inner.close()


def connector_to(url: str, *, may_be_private: bool) -> aiohttp.TCPConnector:
    """Return what connects to that URL, once.

    Raises:
        PrivateAddress: its host is written as an address that is not public. Where it is a name, the
            connecting fails with an `aiohttp.ClientConnectorDNSError`; see `leads_to_private`.
    """
    # Behind a proxy it is the proxy's name that is looked up here, which is often a private one.
    if not may_be_private:
        _refuse_private_literal(url)
    if may_be_private or proxy_of(url) is not None:
        return aiohttp.TCPConnector(force_close=True)
    return aiohttp.TCPConnector(
        resolver=PublicAddresses(), use_dns_cache=False, force_close=True, socket_factory=_public_socket
    )


def leads_to_private(error: Exception) -> bool:
    """Whether a call failed because its host has an address that is not public."""
    is_connecting = isinstance(error, aiohttp.ClientConnectorError)
    return isinstance(error.os_error if is_connecting else error, PrivateAddress)


def proxy_of(url: str) -> str | None:
    """Return the proxy that the environment names for that URL (HTTPS_PROXY, NO_PROXY and their kin)."""
    parts = urlsplit(url)
    proxies = getproxies()
    if not proxies or proxy_bypass(parts.hostname or ""):
        return None
    return proxies.get(parts.scheme) or proxies.get("all")


def trust(ca_bundle: Path | None) -> ssl.SSLContext | bool:
    """Return whom to trust: the host's authorities, and those of that PEM file.

    Raises:
        Invalid: `ca_bundle_unusable`.
    """
    if ca_bundle is None:
        return True
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(ca_bundle)
    except (OSError, ssl.SSLError) as error:
        raise Invalid(
            "ca_bundle_unusable",
            f"CA_BUNDLE {ca_bundle} can't be read as PEM: {error.strerror or error}.",
            {"ca_bundle": str(ca_bundle)},
        ) from error
    return context


def _public_socket(where: tuple[Any, ...]) -> socket.socket:
    """Make the socket of a connection: the last word, whatever host was read or looked up before."""
    family, kind, protocol, _, place = where
    _require_public(str(place[0]))
    return socket.socket(family, kind, protocol)


def _refuse_private_literal(url: str) -> None:
    """Refuse a host that is written as an address that is not public: it is not looked up."""
    # Read as aiohttp does: to `urlsplit`, fullwidth digits are a name.
    host = URL(url).host or ""
    if as_address(host.partition("%")[0]) is not None:
        _require_public(host)


def _require_public(host: str) -> None:
    address = as_address(host.partition("%")[0])
    if address is None or not is_public(address):
        raise PrivateAddress(f"{host} is not a public address")
