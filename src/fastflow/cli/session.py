"""Runs what a command asks the server, loading the HTTP library only then."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from fastflow.cli.client import Client

T = TypeVar("T")


def ask(server: str, work: "Callable[[Client], Awaitable[T]]") -> T:
    """Return what `work` returns, given a client of that server.

    Raises:
        CommandFailed: the server refuses, or there is none.
    """
    from fastflow.cli.client import Client

    async def connected() -> T:
        async with Client.connected_to(server) as client:
            return await work(client)

    return asyncio.run(connected())
