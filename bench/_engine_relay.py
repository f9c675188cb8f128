"""Stands between a server and its Engine, and notes when a run's first and last words pass."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

READ_BYTES = 256 * 1024
KEEPER = b"name=fastflow-namespace"
"""A network namespace that is made ahead: no run waits for it."""


class Relay:
    """What passed last; moments as `time.perf_counter` has them. Adds a few tenths of a millisecond."""

    def __init__(self) -> None:
        self.create_sent = 0.0
        """When the last `containers/create` for a run came from the server."""
        self.wait_answered = 0.0
        """When the last exit code came from the Engine."""

    async def carry(self, client: asyncio.StreamReader, back: asyncio.StreamWriter, engine: str) -> None:
        """Carry one connection both ways until both sides have ended."""
        answers, forth = await asyncio.open_unix_connection(engine, limit=READ_BYTES)
        try:
            await asyncio.gather(self._requests(client, forth), self._answers(answers, back))
        finally:
            forth.close()
            back.close()

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(READ_BYTES):
                if b"/containers/create?" in data[:100] and KEEPER not in data[:200]:
                    self.create_sent = time.perf_counter()
                writer.write(data)
                await writer.drain()
            writer.write_eof()

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(READ_BYTES):
                if b'"StatusCode":' in data[-100:]:
                    self.wait_answered = time.perf_counter()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def relay(place: Path, engine: str) -> AsyncGenerator[Relay]:
    """Relay from a new socket at `place` to the Engine's socket."""
    noted = Relay()
    async with await asyncio.start_unix_server(
        lambda reader, writer: noted.carry(reader, writer, engine), place
    ):
        yield noted
