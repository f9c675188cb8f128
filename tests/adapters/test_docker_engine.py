"""The client agrees on a version, keeps its patience short, and says in our words what went wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from aiohttp import web

from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.images import Images
from fastflow.domain.errors import Conflict, FastFlowError, Invalid, NotFound, Unavailable

Serve = Callable[..., Awaitable[Engine]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Return a function that starts a server which answers as it is told; and a client of it."""
    runners: list[web.AppRunner] = []
    engines: list[Engine] = []

    async def start(
        answer: Callable[[web.Request], Awaitable[web.StreamResponse]], version: str = "1.41"
    ) -> Engine:
        async def ping(_: web.Request) -> web.Response:
            return web.Response(text="OK", headers={"Api-Version": version})

        app = web.Application()
        app.router.add_get("/_ping", ping)
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        runners.append(runner)
        host, port = runner.addresses[0][:2]
        engines.append(Engine(f"http://{host}:{port}"))
        return engines[-1]

    yield start
    for engine in engines:
        await engine.close()
    for runner in runners:
        await runner.cleanup()


async def echo_path(request: web.Request) -> web.Response:
    return web.Response(text=request.path)


@pytest.mark.parametrize(
    ("offered", "path"),
    [("1.41", "/v1.41/info"), ("1.44", "/v1.44/info"), ("1.99", "/v1.51/info"), ("", "/v1.40/info")],
)
async def test_the_newest_version_that_both_know_is_spoken(serve: Serve, offered: str, path: str) -> None:
    engine = await serve(echo_path, offered)
    assert await engine.call("GET", "/info") == path.encode()


async def test_an_engine_that_is_too_old_is_named(serve: Serve) -> None:
    engine = await serve(echo_path, "1.30")
    with pytest.raises(Unavailable, match="too old"):
        await engine.call("GET", "/info")


@pytest.mark.parametrize(
    ("status", "message", "kind", "code"),
    [
        (404, "No such image: x", NotFound, "engine_not_found"),
        (409, "name in use", Conflict, "engine_conflict"),
        (400, "Minimum memory limit allowed is 6MB", Invalid, "engine_refused"),
        (500, "write /var/lib: no space left on device", Unavailable, "disk_full"),
        (500, "something else", Unavailable, "engine_failed"),
    ],
)
async def test_what_the_engine_refuses_becomes_our_error_with_its_words(
    serve: Serve, status: int, message: str, kind: type[FastFlowError], code: str
) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.json_response({"message": message}, status=status)

    engine = await serve(refuse)
    with pytest.raises(kind, match=message) as raised:
        await engine.call("POST", "/containers/create", body={"Image": "x"})
    assert raised.value.code == code


async def test_an_answer_that_is_no_json_is_kept_as_it_is(serve: Serve) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(text="<html>Bad gateway</html>", status=502)

    engine = await serve(refuse)
    with pytest.raises(Unavailable, match="Bad gateway"):
        await engine.call("GET", "/info")


async def test_an_engine_that_hangs_is_given_up(serve: Serve) -> None:
    is_enough = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await is_enough.wait()
        return web.Response()

    engine = await serve(hang)
    with pytest.raises(Unavailable, match="no answer within") as raised:
        await engine.call("GET", "/info", time_limit=timedelta(seconds=0.05))
    is_enough.set()
    assert raised.value.code == "executor_unavailable"


async def test_a_connection_that_breaks_in_the_middle_is_unavailable(serve: Serve) -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"half")
        if request.transport is not None:
            request.transport.abort()
        return response

    engine = await serve(break_off)
    with pytest.raises(Unavailable) as raised:
        await engine.call("GET", "/info")
    assert raised.value.code == "executor_unavailable"


async def test_a_pull_that_fails_on_the_way_is_an_error(serve: Serve) -> None:
    async def pull(_: web.Request) -> web.Response:
        lines = '{"status":"Pulling from x","id":"1"}\n{"error":"denied"}\n'
        return web.Response(text=lines)

    told: list[str] = []
    images = Images(await serve(pull))
    with pytest.raises(Unavailable, match="denied"):
        await images.pull("x:1", told.append)
    assert told == ["1 Pulling from x"]


@pytest.mark.parametrize("address", ["", "docker.sock", "ssh://host", "unix://"])
async def test_what_is_no_address_is_refused_with_the_remedy(address: str) -> None:
    with pytest.raises(Invalid, match=r"unix:///var/run/docker\.sock"):
        Engine(address)
