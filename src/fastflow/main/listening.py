"""Listens for HTTP: the socket, what uvicorn is told, and how it ends."""

import asyncio
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, cast

import uvicorn
from fastapi import FastAPI

from fastflow.api.connection import GuardedConnection
from fastflow.api.sse import Closing
from fastflow.domain.errors import Unavailable
from fastflow.settings import Settings

DRAIN_SECONDS: Final = 1
"""How long open requests may take to end after SIGTERM; streams are ended at once."""


def http_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """Return how uvicorn serves the app.

    Who calls is the rightmost address in `X-Forwarded-For` that is no trusted proxy's, where a trusted proxy
    brings it; from anybody else that header is not read.
    """
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=cast("Any", partial(GuardedConnection, most_connections=settings.max_connections)),
        ws="none",
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=DRAIN_SECONDS,
        server_header=False,
        forwarded_allow_ips=[part.strip() for part in settings.trusted_proxies.split(",")],
    )


def listening_socket(settings: Settings) -> socket.socket:
    """Return a socket on the address of the settings."""
    try:
        return socket.create_server(
            (settings.host, settings.port), family=_family(settings.host), backlog=2048
        )
    except OSError as error:
        raise Unavailable(
            "port_in_use",
            f"Port {settings.port} on {settings.host} can't be had: {error.strerror}. Set another PORT.",
        ) from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class Listener(uvicorn.Server):
    """Ends the open streams as soon as a signal arrives: they would hold the shutdown up."""

    def __init__(self, config: uvicorn.Config, closing: Closing) -> None:
        super().__init__(config)
        self._closing = closing
        self.on_started: Callable[[], None] = lambda: None

    async def startup(self, sockets: Any = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self.on_started()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take the signals for good: uvicorn would raise them again, before our own parts were stopped."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    def handle_exit(self, sig: int, frame: Any) -> None:
        """End the streams, then all the rest."""
        self._closing.begin()
        super().handle_exit(sig, frame)
