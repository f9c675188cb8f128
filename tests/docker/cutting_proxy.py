"""A proxy before the Engine that cuts streams, as proxies with an idle limit do."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path


class CuttingProxy:
    """Passes bytes on; remembers which connections carry an attach."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._attached: list[asyncio.StreamWriter] = []
        self._open = 0
        self._fewer = asyncio.Event()

    @property
    def open_connections(self) -> int:
        """How many connections there are now."""
        return self._open

    async def until_open(self, most: int) -> None:
        """Block until there are no more than that."""
        while self._open > most:
            self._fewer.clear()
            await self._fewer.wait()

    def cut_attached(self) -> None:
        """End every attach towards the client, in good form: it looks like the end of the stream."""
        for client in self._attached:
            client.close()

    async def serve(self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        """Pass on one connection until either side ends it."""
        engine_in, engine_out = await asyncio.open_unix_connection(self._engine)

        async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError):
                while data := await source.read(65536):
                    if target is engine_out and b"/attach?" in data:
                        self._attached.append(client_out)
                    target.write(data)
                    await target.drain()
            target.close()

        self._open += 1
        await asyncio.gather(pass_on(client_in, engine_out), pass_on(engine_in, client_out))
        self._open -= 1
        self._fewer.set()


@asynccontextmanager
async def cutting_proxy(path: Path, engine: str) -> AsyncGenerator[CuttingProxy]:
    """Serve one at that path."""
    proxy = CuttingProxy(engine)
    server = await asyncio.start_unix_server(proxy.serve, path)
    try:
        yield proxy
    finally:
        server.close()
