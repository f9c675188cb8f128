"""What a client may do to the server's connections: real sockets, with patience of tenths of seconds."""

import asyncio
import json
import logging
import re
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

import pytest
import uvicorn

from fastflow.api.connection import GuardedConnection
from tests.plugins.world import Instance

MOST_CONNECTIONS = 8
TEST_PATIENCE_SECONDS = 20.0


class _Hasty(GuardedConnection):
    head_seconds = 1.0
    silent_seconds = 1.0
    body_grace_seconds = 1.0
    unread_answer_seconds = 1.0


@asynccontextmanager
async def serving(app: Any, kind: type[GuardedConnection] = _Hasty) -> AsyncGenerator[int]:
    """Serve on a port; yield it."""
    # Its warnings about strange requests are switched off in the product as well (main/logging.py).
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    config = uvicorn.Config(
        app,
        http=cast("Any", partial(kind, most_connections=MOST_CONNECTIONS)),
        ws="none",
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_keep_alive=TEST_PATIENCE_SECONDS,  # pyright: ignore[reportArgumentType]
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup([listening])
        try:
            yield int(listening.getsockname()[1])
        finally:
            await server.shutdown([listening])


class Client:
    """A connection on which bytes are written as they are."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def drip(self, data: bytes, every_seconds: float) -> None:
        """Send one byte after the other until the connection has gone."""
        for byte in data:
            self.send(bytes([byte]))
            await asyncio.sleep(every_seconds)

    async def all(self) -> bytes:
        """Read until the server closes."""
        async with asyncio.timeout(TEST_PATIENCE_SECONDS):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""

    async def answer(self) -> tuple[int, bytes]:
        """Read one answer with a length."""
        async with asyncio.timeout(TEST_PATIENCE_SECONDS):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            body = await self.reader.readexactly(int(length[1]) if length else 0)
        return int(head.split()[1]), body


Connect = Callable[[], Awaitable[Client]]


@asynccontextmanager
async def connecting_to(port: int) -> AsyncGenerator[Connect]:
    """Make connections that are gone after the block."""
    clients: list[Client] = []

    async def connect() -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", port))
        clients.append(client)
        return client

    yield connect
    for client in clients:
        client.writer.close()
    await asyncio.gather(*(client.writer.wait_closed() for client in clients), return_exceptions=True)


@pytest.fixture
async def connect(server: Instance) -> AsyncIterator[Connect]:
    """Connect to a server with the patience that the product has."""
    async with serving(server.app, GuardedConnection) as port, connecting_to(port) as connect:
        yield connect


@pytest.fixture
async def connect_hastily(server: Instance) -> AsyncIterator[Connect]:
    """Connect to a server that waits for a second."""
    async with serving(server.app) as port, connecting_to(port) as connect:
        yield connect


def head(request: str, *fields: str) -> bytes:
    return "\r\n".join([f"{request} HTTP/1.1", "Host: localhost", *fields, "", ""]).encode()


async def test_a_connection_without_a_request_is_closed_without_a_word(connect_hastily: Connect) -> None:
    # A browser that opened it ahead would take a word for the answer to a request that it sends later.
    assert await (await connect_hastily()).all() == b""


async def test_a_head_that_drips_is_cut_off(connect_hastily: Connect) -> None:
    client = await connect_hastily()
    dripping = asyncio.create_task(client.drip(b"GET / HTTP/1.1\r\nX: " + b"x" * 5000, 0.02))
    said = await client.all()
    dripping.cancel()
    assert b" 408 " in said
    assert b'"code":"request_too_slow"' in said


async def test_a_second_head_that_drips_is_cut_off_too(connect_hastily: Connect) -> None:
    client = await connect_hastily()
    client.send(head("GET /health"))
    assert (await client.answer())[0] == 200
    dripping = asyncio.create_task(client.drip(b"GET / HTTP/1.1\r\nX: " + b"x" * 5000, 0.02))
    said = await client.all()
    dripping.cancel()
    assert b" 408 " in said


FRAMINGS = ["Content-Length: 5000", "Transfer-Encoding: chunked"]


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_a_body_that_drips_is_cut_off(connect_hastily: Connect, framing: str) -> None:
    client = await connect_hastily()
    client.send(head("POST /api/pipelines/hello/run", framing, "Content-Type: application/json"))
    dripping = asyncio.create_task(client.drip(b"1\r\n \r\n" * 1000, 0.02))
    said = await client.all()
    dripping.cancel()
    assert said.startswith(b"HTTP/1.1 408 ") or not said  # a reset overtakes the answer at times


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_a_body_that_nobody_reads_is_cut_off_too(connect_hastily: Connect, framing: str) -> None:
    client = await connect_hastily()
    client.send(head("POST /api/nowhere", framing))
    assert (await client.answer())[0] == 404
    dripping = asyncio.create_task(client.drip(b"1\r\n \r\n" * 1000, 0.02))
    assert await client.all() == b""
    dripping.cancel()


async def test_a_body_that_comes_slowly_but_surely_is_taken(connect_hastily: Connect) -> None:
    client = await connect_hastily()
    client.send(
        head("POST /api/pipelines/hello/run", "Content-Length: 15000", "Content-Type: application/json")
    )
    body = b'{"parameters": {}}'.ljust(15_000)
    for at in range(0, 15_000, 1000):  # longer than the patience for a head, faster than the slowest
        client.send(body[at : at + 1000])
        await asyncio.sleep(0.1)
    assert (await client.answer())[0] == 201


async def test_a_head_without_end_is_refused(connect: Connect) -> None:
    client = await connect()
    client.send(b"GET / HTTP/1.1\r\nX: " + b"x" * 50_000)
    assert b'"code":"head_too_large"' in await client.all()


async def test_a_body_that_nobody_wants_has_an_end(connect: Connect) -> None:
    client = await connect()
    client.send(head("POST /api/nowhere", f"Content-Length: {10**12}"))
    assert (await client.answer())[0] == 404
    try:
        while not client.writer.is_closing():
            client.send(b"x" * 1024**2)
            await client.writer.drain()
    except ConnectionError:
        pass
    assert await client.all() == b""


async def test_more_connections_than_there_is_room_for_are_told_so(connect: Connect) -> None:
    streams = [await connect() for _ in range(MOST_CONNECTIONS)]
    for stream in streams:
        stream.send(head("GET /api/events"))
        await stream.reader.readuntil(b"\r\n\r\n")
    assert b'"code":"too_many_connections"' in await (await connect()).all()
    streams[0].writer.close()
    await streams[0].writer.wait_closed()
    client = await connect()
    client.send(head("GET /health"))
    assert (await client.answer())[0] == 200


async def test_a_stream_outlives_the_patience_for_requests(connect_hastily: Connect) -> None:
    client = await connect_hastily()
    client.send(head("GET /api/events"))
    await client.reader.readuntil(b"\r\n\r\n")
    reading = asyncio.create_task(client.reader.read())
    await asyncio.wait([reading], timeout=2)
    assert not reading.done()
    reading.cancel()


async def test_a_client_that_takes_nothing_of_its_answer_is_let_go() -> None:
    ended = asyncio.Event()

    async def endless(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            while True:
                await send({"type": "http.response.body", "body": b"x" * 10**6, "more_body": True})
                if (await asyncio.wait_for(_receive(), 0.01))["type"] == "http.disconnect":
                    return
        except TimeoutError:
            pass
        finally:
            ended.set()

    async with serving(endless) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head("GET /"))
        async with asyncio.timeout(TEST_PATIENCE_SECONDS):
            await ended.wait()
        writer.close()
        del reader


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX : y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n X: y\r\n\r\n",
        b"GET / HTTP/1.1\nHost: localhost\nX: \x00\n\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxxx",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: +5\r\n\r\nxxxxx",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST /api/nowhere HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /ü HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=lambda data: data[:60].decode("latin-1"),
)
async def test_what_is_no_request_is_refused(connect: Connect, nonsense: bytes) -> None:
    client = await connect()
    client.send(nonsense)
    status, body = await client.answer()
    assert (status, json.loads(body)["status"]) == (400, 400)


@pytest.mark.parametrize("upgrade", ["websocket", "h2c"])
async def test_no_other_protocol_is_spoken(connect: Connect, upgrade: str) -> None:
    client = await connect()
    client.send(head("GET /health", "Connection: Upgrade", f"Upgrade: {upgrade}", "Sec-WebSocket-Key: x"))
    status, _ = await client.answer()
    assert status == 200


async def test_requests_behind_each_other_get_their_own_answers(connect: Connect) -> None:
    client = await connect()
    client.send(head("GET /health") + head("GET /api/nowhere") + head("GET /health"))
    assert [(await client.answer())[0] for _ in range(3)] == [200, 404, 200]
