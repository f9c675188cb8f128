"""Follows a run's log to its end through broken connections and restarts: every line once."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Final, cast

from fastflow.cli.client import Client, ConnectionLost
from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.output import say
from fastflow.cli.patience import GIVE_UP_SECONDS, PAUSES_SECONDS, get_patiently
from fastflow.cli.sse import ServerEvent
from fastflow.cli.wire import LogLineAnswer, RunDetailAnswer

BEYOND_ANY_LINE: Final = 2**40
"""Follow from here and only the end arrives."""
Write = Callable[[Sequence[LogLineAnswer]], None]


async def follow_to_end(client: Client, run_id: str, write: Write, from_line: int = 0) -> RunDetailAnswer:
    """Hand every line to `write`, in batches; return the run once it has ended.

    Raises:
        CommandFailed: the server refuses, or stays away; the message says how to go on.
    """
    await follow(client, run_id, write, from_line)
    # The server may leave right after it has told us of the end.
    return cast(RunDetailAnswer, await get_patiently(client, f"api/runs/{run_id}"))


async def follow(client: Client, run_id: str, write: Write, from_line: int) -> None:
    """Hand every line from that number on to `write`, until the run has ended; raises as `follow_to_end`."""
    async with aclosing(_lines(client, run_id, from_line)) as batches:
        async for lines in batches:
            write(lines)


async def until_ended(client: Client, run_id: str) -> RunDetailAnswer:
    """Return the run once it has ended."""
    return await follow_to_end(client, run_id, lambda _: None, BEYOND_ANY_LINE)


def write_as_it_was(lines: Sequence[LogLineAnswer]) -> None:
    """Write the lines to the streams that the program wrote them to."""
    start = 0
    while start < len(lines):
        kind, end = lines[start]["stream"], start + 1
        while end < len(lines) and lines[end]["stream"] == kind:
            end += 1
        stream = sys.stderr if kind == "stderr" else sys.stdout
        stream.write("".join(f"{line['line']}\n" for line in lines[start:end]))
        stream.flush()
        start = end


async def _lines(client: Client, run_id: str, from_line: int) -> AsyncGenerator[list[LogLineAnswer]]:
    """Yield the lines from that number on until the stream says that the run has ended."""
    path, position = f"api/runs/{run_id}/logs/stream", from_line
    loop = asyncio.get_running_loop()
    failures, heard_at = 0, loop.time()
    while True:
        last_seen = str(position - 1) if position else None
        try:
            async with aclosing(client.events(path, last_event_id=last_seen)) as stream:
                async for events in stream:
                    failures, heard_at = 0, loop.time()
                    lines = [_line(event) for event in events if event.name == "message"]
                    fresh = [line for line in lines if line["number"] >= position]
                    if fresh:
                        position = fresh[-1]["number"] + 1
                        yield fresh
                    if events[-1].name == "end":
                        return
            problem = "the server ended the stream"
        except ConnectionLost as error:
            problem = str(error)
        if loop.time() - heard_at > GIVE_UP_SECONDS:
            raise CommandFailed(
                ExitCode.UNREACHABLE,
                f"The server is away ({problem}); the run goes on without it. "
                f"Go on with: fastflow logs {run_id} --follow --from-line {position}",
            )
        if failures == 1:
            say("connection lost, trying again")
        await asyncio.sleep(PAUSES_SECONDS[min(failures, len(PAUSES_SECONDS) - 1)])
        failures += 1


def _line(event: ServerEvent) -> LogLineAnswer:
    return cast(LogLineAnswer, {"number": int(event.id or 0), **json.loads(event.data)})
