"""Runs what a command asks for, loading the event loop and the HTTP library only then."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from fastflow.cli.client import Client
    from fastflow.cli.credential import Place

T = TypeVar("T")


def ask(server: str, work: "Callable[[Client], Awaitable[T]]") -> T:
    """Return what `work` returns, given a client of that server; '': of the profile's.

    Raises:
        CommandFailed: the server refuses, or there is none.
    """
    from fastflow.cli.credential import place_of

    return ask_at(place_of(server), work)


def ask_at(place: "Place", work: "Callable[[Client], Awaitable[T]]") -> T:
    """Return what `work` returns, given a client of that server with that credential; raises as `ask`."""
    from fastflow.cli.client import Client

    async def connected() -> T:
        async with Client.connected_to(place) as client:
            return await work(client)

    return run_async(connected())


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns, run on an event loop of its own."""
    import asyncio

    return asyncio.run(work)
