"""Requests that are larger or stranger than any that is meant are refused before the app looks at them."""

import gzip
import json
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.api.door import KEY, calling_from, problem_of, send
from tests.plugins.world import Instance, World

MEBIBYTE = 1024**2


async def chunks(size: int, chunk: int = 64 * 1024) -> AsyncIterator[bytes]:
    for _ in range(size // chunk):
        yield b" " * chunk


async def test_a_body_is_refused_by_what_it_says_of_its_length(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/pipelines/hello/run", content=b" " * (MEBIBYTE + 1))
    assert problem_of(answer)[:2] == (413, "body_too_large")


async def test_a_body_without_a_length_is_counted(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/pipelines/hello/run", content=chunks(64 * MEBIBYTE))
    assert problem_of(answer)[:2] == (413, "body_too_large")


async def test_a_body_within_the_limit_is_taken(client: httpx2.AsyncClient) -> None:
    body = b'{"parameters": {}}'.ljust(MEBIBYTE)
    answer = await client.post(
        "/api/pipelines/hello/run", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 201


async def test_a_webhook_takes_more(server: Instance, world: World) -> None:
    world.source.put("hello", manifest=json.dumps({"webhook_key": KEY}))
    await server.pipelines.refresh()
    async with calling_from(server) as stranger:
        answer = await send(stranger, b'"' + b"x" * (4 * MEBIBYTE) + b'"')
        assert answer.status_code == 202, answer.text
        assert (await send(stranger, b" " * (5 * MEBIBYTE + 1))).status_code == 413


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "gzip, gzip", "x", ""])
async def test_compressed_bodies_are_not_unpacked(client: httpx2.AsyncClient, encoding: str) -> None:
    answer = await client.post(
        "/api/pipelines/hello/run",
        content=gzip.compress(b"\0" * 10 * MEBIBYTE),
        headers={"Content-Encoding": encoding},
    )
    assert problem_of(answer)[:2] == (415, "encoding_not_supported")


async def test_a_long_query_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/runs", params={"pipeline_name": "x" * 8200})
    assert problem_of(answer)[:2] == (414, "target_too_long")


@pytest.mark.parametrize(
    "fields",
    [[("X-Many", "x")] * 101, [("X-Long", "x" * 33_000)], [(f"X-{n}", "x" * 400) for n in range(90)]],
    ids=["many", "long", "both"],
)
async def test_heads_are_bounded(client: httpx2.AsyncClient, fields: list[tuple[str, str]]) -> None:
    answer = await client.get("/health", headers=httpx2.Headers(fields))
    assert problem_of(answer)[:2] == (431, "head_too_large")


@pytest.mark.parametrize("name", ["Host", "Content-Length", "Content-Type", "Authorization"])
async def test_what_counts_is_said_once(client: httpx2.AsyncClient, name: str) -> None:
    answer = await client.get("/health", headers=httpx2.Headers([(name, "1"), (name, "2")]))
    assert problem_of(answer)[:2] == (400, "header_repeated")


@pytest.mark.parametrize("character", ["%00", "%0a", "%0d%0aSet-Cookie:x=y", "%1b%5b2J", "%7f"])
@pytest.mark.parametrize("path", ["/api/pipelines/a{}", "/api/runs/{}", "/api/webhooks/{}/x", "/{}"])
async def test_paths_have_no_control_characters(
    client: httpx2.AsyncClient, path: str, character: str
) -> None:
    answer = await client.get(path.format(character))
    assert problem_of(answer)[:2] == (400, "path_invalid")


async def test_a_transfer_encoding_other_than_chunked_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.post(
        "/api/pipelines/hello/run", content=chunks(MEBIBYTE), headers={"Transfer-Encoding": "gzip, chunked"}
    )
    assert problem_of(answer)[:2] == (400, "encoding_not_supported")
