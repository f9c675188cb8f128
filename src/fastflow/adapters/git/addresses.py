"""Looks up a Git host's addresses once, and refuses those of private networks."""

import asyncio
import socket
from dataclasses import dataclass
from typing import Final
from urllib.request import getproxies_environment, proxy_bypass

from fastflow.domain.addresses import as_address, is_public
from fastflow.domain.errors import Invalid, Unavailable
from fastflow.domain.git_url import GitUrl

_LOOKUP_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Place:
    """What git is to connect to."""

    url: GitUrl
    addresses: tuple[str, ...] = ()
    """The only ones it may connect to; empty: whatever it finds itself."""


async def locate(url: GitUrl, *, may_be_private: bool) -> Place:
    """Return where to connect. A name is looked up here only, so that the answer can't change afterwards.

    Behind a proxy it is the proxy that looks up names; only what is written as an address can be checked.

    Raises:
        Invalid: `address_not_allowed`.
        Unavailable: `git_host_unreachable`; the host has no address.
    """
    if may_be_private or url.scheme == "file":
        return Place(url)
    literal = as_address(url.host)
    if literal is None and _has_proxy(url):
        return Place(url)
    addresses = (url.host,) if literal is not None else await _look_up(url)
    for text in addresses:
        address = as_address(text.partition("%")[0])
        if address is None or not is_public(address):
            raise Invalid(
                "address_not_allowed",
                f"{url.host} has the address {text}, which is not a public one. Set "
                "ALLOW_PRIVATE_ADDRESSES=true if repositories may be on this machine or in its network.",
                {"host": url.host, "address": text},
            )
    return Place(url, addresses)


async def _look_up(url: GitUrl) -> tuple[str, ...]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_LOOKUP_SECONDS):
            found = await loop.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as error:
        raise Unavailable(
            "git_host_unreachable",
            f"The host {url.host} can't be found. Check the repository's URL and the server's name service.",
            {"host": url.host},
        ) from error
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _has_proxy(url: GitUrl) -> bool:
    proxies = getproxies_environment()
    has_one = url.scheme in proxies or "all" in proxies
    return url.scheme != "ssh" and has_one and not proxy_bypass(url.host, proxies)
