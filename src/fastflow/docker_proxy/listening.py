"""Opens the proxy's own socket, serves until told to stop, and leaves nothing behind."""

import asyncio
import os
import socket
import stat
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from aiohttp import web

from fastflow.domain.errors import Conflict, Invalid, Unavailable

_GRACE_SECONDS: Final = 0.5
"""For calls that are under way when the proxy is told to stop; streams would never end by themselves."""
_OWNER_AND_GROUP: Final = 0o660
_PROBE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen: a socket of the file system, or a port of loopback."""

    path: Path | None = None
    host: str = ""
    port: int = 0

    @property
    def hosts(self) -> frozenset[str]:
        """What a client that means this place writes as Host."""
        return frozenset({f"{self.host}:{self.port}", f"localhost:{self.port}"} if self.port else ())


def parse_place(text: str) -> Place:
    """Read `unix:///path` or `http://127.0.0.1:port` (`tcp://` as well).

    Raises:
        Invalid: it is neither, or not of this machine only.
    """
    scheme, _, rest = text.partition("://")
    if scheme == "unix" and rest.startswith("/"):
        return Place(path=Path(rest))
    host, _, port = rest.rstrip("/").rpartition(":")
    if scheme in ("http", "tcp") and port.isdecimal() and 0 < int(port) < 65536 and _is_loopback(host):
        return Place(host="127.0.0.1" if host == "localhost" else host, port=int(port))
    raise Invalid(
        "proxy_listen_invalid",
        f"FASTFLOW_PROXY_LISTEN={text!r} is no place to listen at: write "
        "unix:///run/fastflow/docker-proxy.sock or http://127.0.0.1:2375. Whoever reaches the proxy may "
        "start containers, so other addresses are refused; share the socket's folder with the server's "
        "container instead.",
        {"listen": text},
    )


@asynccontextmanager
async def serving(server: web.Server, place: Place, group: int | None = None) -> AsyncGenerator[None]:
    """Serve there until the context is left; then end every stream within a second.

    Raises:
        Conflict: `proxy_listen_in_use`; a process listens there. Unavailable: `proxy_listen_failed`.
    """
    listener = await asyncio.to_thread(_listener, place, group)
    runner = web.ServerRunner(server, shutdown_timeout=_GRACE_SECONDS)
    try:
        await runner.setup()
        await web.SockSite(runner, listener).start()
        yield
    finally:
        await runner.cleanup()
        if place.path is not None:
            await asyncio.to_thread(place.path.unlink, missing_ok=True)


def _listener(place: Place, group: int | None) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX if place.path else _family(place.host))
    try:
        if place.path is None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((place.host, place.port))
        else:
            _bind(listener, place.path, group)
    except OSError as error:
        listener.close()
        where = place.path or f"{place.host}:{place.port}"
        raise Unavailable(
            "proxy_listen_failed",
            f"Can't listen at {where}: {error.strerror}. Set another FASTFLOW_PROXY_LISTEN.",
        ) from error
    except Conflict:
        listener.close()
        raise
    return listener


def _bind(listener: socket.socket, path: Path, group: int | None) -> None:
    """Make the socket, for its owner and group only from the first moment on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and stat.S_ISSOCK(path.lstat().st_mode):
        if _is_answered(path):
            raise Conflict(
                "proxy_listen_in_use",
                f"A process listens at {path} already. Set another FASTFLOW_PROXY_LISTEN.",
            )
        path.unlink()  # of a proxy that was killed
    before = os.umask(0o777 & ~_OWNER_AND_GROUP)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    if group is not None:
        os.chown(path, -1, group)


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_PROBE_SECONDS)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
