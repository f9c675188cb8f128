"""Decides what runs may not reach behind the walls around their network."""

import ipaddress
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import psutil

from fastflow.adapters.docker.keeper import Walls
from fastflow.settings import Settings

METADATA: Final = ("169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::254/128")
"""Where clouds hand out credentials: link-local at most of them, Azure's and Alibaba's own, AWS over IPv6."""
_LOOKED_UP_EVERY: Final = timedelta(minutes=1)
_LOOKED_AT_EVERY: Final = timedelta(seconds=1)
"""To ask the kernel takes a millisecond, and each run wants to know twice."""
_FAMILIES: Final = (socket.AF_INET, socket.AF_INET6)


class RunWalls:
    """Answers with the walls of this moment: a machine's addresses change. Blocks, on name servers too."""

    def __init__(self, settings: Settings) -> None:
        self._denied = settings.run_networks_denied
        self._allowed = settings.run_networks_allowed
        self._hosts = frozenset(hosts_behind(settings))
        self._resolved: frozenset[str] = frozenset()
        self._resolved_at = float("-inf")
        self._own: frozenset[str] = frozenset()
        self._own_at = float("-inf")

    def __call__(self) -> Walls:
        """Return what is denied, and what is allowed all the same."""
        now = time.monotonic()
        if now - self._resolved_at > _LOOKED_UP_EVERY.total_seconds():
            self._resolved = frozenset(network for host in self._hosts for network in _networks_of(host))
            self._resolved_at = now
        if now - self._own_at > _LOOKED_AT_EVERY.total_seconds():
            self._own, self._own_at = frozenset(own_networks()), now
        denied = {*METADATA, *self._denied, *self._resolved, *self._own}
        return Walls(tuple(sorted(denied)), self._allowed)


def hosts_behind(settings: Settings) -> Iterator[str]:
    """Yield the hosts that the server talks with and runs have no business with."""
    for url in (settings.database_url, settings.docker_proxy_url):
        if host := urlsplit(url).hostname:
            yield host


def own_networks() -> set[str]:
    """Return each address of this machine as a network of one. Link-local ones are behind walls anyway."""
    addresses = {
        ipaddress.ip_address(address.address.partition("%")[0])
        for of_interface in psutil.net_if_addrs().values()
        for address in of_interface
        if address.family in _FAMILIES
    }
    return {str(ipaddress.ip_network(a)) for a in addresses if not (a.is_loopback or a.is_link_local)}


def _networks_of(host: str) -> set[str]:
    """Return its addresses as networks of one; none where there is no such host: nobody reaches it then."""
    found: set[str] = set()
    with suppress(OSError):
        for family, _, _, _, address in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM):
            if family in _FAMILIES:
                found.add(str(ipaddress.ip_network(str(address[0]).partition("%")[0])))
    return {text for text in found if not ipaddress.ip_network(text).is_loopback}
