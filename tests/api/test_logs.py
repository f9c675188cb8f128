"""A run's log over HTTP: pages, search, NDJSON, download, and the live stream."""

import asyncio
import json

import httpx2
import pytest

from fastflow.domain.log import Stream
from fastflow.domain.run import RunStatus
from tests.api.event_stream import events_of
from tests.plugins.world import Instance, World


@pytest.fixture
async def running(client: httpx2.AsyncClient, server: Instance) -> str:
    run_id: str = (await client.post("/api/pipelines/hello/run")).json()["id"]
    await server.claim_all()
    await server.until(run_id, RunStatus.RUNNING)
    return run_id


@pytest.fixture
async def ended(running: str, world: World, server: Instance) -> str:
    world.executor.emit(running, "one")
    world.executor.emit(running, "Two", Stream.STDERR)
    world.executor.write(running, b"\xff bytes\n")
    world.executor.write(running, b"no newline")
    world.executor.finish(running, 3)
    await server.worker.join()
    return running


async def test_a_page_is_plain_text_and_says_where_to_go_on(client: httpx2.AsyncClient, ended: str) -> None:
    answer = await client.get(f"/api/runs/{ended}/logs", params={"limit": 2})
    assert answer.content == b"one\nTwo\n"
    assert (answer.headers["x-next-line"], answer.headers["x-complete"]) == ("2", "false")
    assert answer.headers["x-lines"] == "4"
    rest = await client.get(f"/api/runs/{ended}/logs", params={"from_line": 2})
    assert rest.content == b"\xff bytes\nno newline\n"
    assert rest.headers["x-complete"] == "true"


async def test_lines_come_as_ndjson_on_request(client: httpx2.AsyncClient, ended: str) -> None:
    answer = await client.get(f"/api/runs/{ended}/logs", headers={"Accept": "application/x-ndjson"})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["number"] for line in lines] == [0, 1, 2, 3]
    assert [line["stream"] for line in lines] == ["stdout", "stderr", "stdout", "stdout"]
    assert lines[2]["line"] == "\ufffd bytes"
    assert lines[0]["at"].endswith("Z")


async def test_a_page_of_long_lines_has_fewer_of_them(
    client: httpx2.AsyncClient, running: str, world: World, server: Instance
) -> None:
    for number in range(5):
        world.executor.write(running, b"%d" % number + b"x" * 3_000_000 + b"\n")
    world.executor.finish(running, 0)
    await server.worker.join()
    path, position, numbers = f"/api/runs/{running}/logs", 0, b""
    for _ in range(5):
        answer = await client.get(path, params={"from_line": position})
        assert len(answer.content) < 12_000_000
        numbers += bytes(line[0] for line in answer.content.splitlines())
        position = int(answer.headers["x-next-line"])
        assert answer.headers["x-lines"] == "5"
        if answer.headers["x-complete"] == "true":
            break
    assert numbers == b"01234"


async def test_a_log_is_narrowed_by_stream_and_by_text(client: httpx2.AsyncClient, ended: str) -> None:
    path = f"/api/runs/{ended}/logs"
    assert (await client.get(path, params={"stream": "stderr"})).text == "Two\n"
    assert (await client.get(path, params={"text": "tw"})).text == "Two\n"
    assert (await client.get(path, params={"text": "nothing like it"})).text == ""


async def test_the_stream_of_a_run_that_has_ended_gives_every_line_and_ends(
    client: httpx2.AsyncClient, ended: str
) -> None:
    events = events_of((await client.get(f"/api/runs/{ended}/logs/stream")).text)
    assert [event.id for event in events] == ["0", "1", "2", "3", None]
    assert [event.data["line"] for event in events[:2]] == ["one", "Two"]
    assert (events[-1].name, events[-1].data["status"], events[-1].data["exit_code"]) == ("end", "FAILED", 3)


async def test_lines_that_look_like_the_protocol_come_as_they_were_written(
    client: httpx2.AsyncClient, running: str, world: World, server: Instance
) -> None:
    texts = ['"quoted","line"', "a\\nb \\u000a", "data: {}", "", "id: 7\r", "tab\t\x1e", "ü 日 \u2028 😀"]
    world.executor.write(running, "\n".join([*texts, "b"]).encode() + b"\n")
    world.executor.finish(running, 0)
    await server.worker.join()
    *lines, _ = events_of((await client.get(f"/api/runs/{running}/logs/stream")).text)
    assert [line.data["line"] for line in lines] == [*texts, "b"]
    assert [line.id for line in lines] == [str(number) for number in range(len(texts) + 1)]


async def test_a_stream_resumes_after_the_last_line_seen(client: httpx2.AsyncClient, ended: str) -> None:
    answer = await client.get(f"/api/runs/{ended}/logs/stream", headers={"Last-Event-ID": "1"})
    assert [event.id for event in events_of(answer.text)] == ["2", "3", None]


async def test_a_last_event_id_that_is_no_number_is_refused(client: httpx2.AsyncClient, ended: str) -> None:
    answer = await client.get(f"/api/runs/{ended}/logs/stream", headers={"Last-Event-ID": "x"})
    assert (answer.status_code, answer.json()["code"]) == (422, "last_event_id_invalid")


async def test_two_viewers_of_a_live_log_both_get_every_line(
    client: httpx2.AsyncClient, running: str, world: World, server: Instance
) -> None:
    viewers = [asyncio.create_task(client.get(f"/api/runs/{running}/logs/stream")) for _ in range(2)]
    for number in range(50):
        world.executor.emit(running, f"line {number}")
        await server.logs_reach(running, number + 1)
    world.executor.finish(running)
    for answer in await asyncio.gather(*viewers):
        events = events_of(answer.text)
        assert [event.data.get("line") for event in events[:-1]] == [f"line {n}" for n in range(50)]
        assert events[-1].data["status"] == "SUCCESS"


async def test_the_download_is_what_the_program_wrote(client: httpx2.AsyncClient, ended: str) -> None:
    answer = await client.get(f"/api/runs/{ended}/logs/raw")
    assert answer.content == b"one\nTwo\n\xff bytes\nno newline"
    assert "attachment" in answer.headers["content-disposition"]


async def test_open_streams_end_when_the_server_closes(
    client: httpx2.AsyncClient, running: str, server: Instance
) -> None:
    paths = [f"/api/runs/{running}/logs/stream", f"/api/runs/{running}/metrics/stream", "/api/events"]
    viewers = [asyncio.create_task(client.get(path)) for path in paths]
    await asyncio.sleep(0)
    server.closing.begin()
    for viewer in viewers:
        assert (await viewer).status_code == 200


async def test_a_search_tells_the_lines_and_where_to_go_on(client: httpx2.AsyncClient, ended: str) -> None:
    path = f"/api/runs/{ended}/logs/search"
    whole = (await client.get(path, params={"text": "N"})).json()
    assert whole == {"hits": [0, 3], "next_line": 4, "total_lines": 4, "is_complete": True}
    first = (await client.get(path, params={"text": "n", "limit": 1})).json()
    assert first == {"hits": [0], "next_line": 1, "total_lines": 4, "is_complete": False}
    rest = (await client.get(path, params={"text": "n", "from_line": 1})).json()
    assert (rest["hits"], rest["is_complete"]) == ([3], True)
    assert (await client.get(path)).status_code == 422
    assert (await client.get("/api/runs/nothing/logs/search?text=x")).status_code == 404


async def test_a_search_goes_through_all_attempts(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.source.put(
        "hello",
        manifest='{"retry_attempts": 1, "retry_strategy": {"type": "fixed_delay", "delay": 0}}',
    )
    run_id = await server.trigger("hello")
    for attempt, word in ((1, "first"), (2, "second")):
        await server.claim_all()
        await server.until(run_id, RunStatus.RUNNING)
        await world.executor.started(run_id, attempt)
        world.executor.emit(run_id, f"{word} try")
        world.executor.finish(run_id, 1)
        await server.worker.join()
    found = (await client.get(f"/api/runs/{run_id}/logs/search?text=TRY")).json()
    assert (found["hits"], found["is_complete"]) == ([0, 1], True)
    last = (await client.get(f"/api/runs/{run_id}/logs/search?text=second")).json()
    assert last["hits"] == [1]


async def test_a_search_of_a_log_that_was_deleted_ends(
    client: httpx2.AsyncClient, server: Instance, ended: str
) -> None:
    await server.tools.logs.delete(ended)
    found = (await client.get(f"/api/runs/{ended}/logs/search?text=n")).json()
    assert (found["hits"], found["next_line"], found["is_complete"]) == ([], 4, True)
