"""`fastflow logs`: a run's output, from wherever to wherever, live too."""

import sys
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.options import DEFAULT_SERVER, RunArgument, ServerOption, examples
from fastflow.cli.output import say
from fastflow.cli.session import ask
from fastflow.cli.wire import LogLineAnswer
from fastflow.domain.log import Stream

if TYPE_CHECKING:
    from fastflow.cli.client import Client, LinesPage

_PAGE = 5_000

EXAMPLES = examples(
    "fastflow logs latest",
    "fastflow logs report:latest --follow",
    "fastflow logs 3fa9c1d2 --tail 50 --timestamps",
    "fastflow logs 3fa9c1d2 --stream stderr --search warning",
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which lines to show, and how."""

    stream: Stream | None
    search: str
    tail: int | None
    from_line: int
    has_timestamps: bool
    as_json: bool

    @property
    def has_to_search_its_tail(self) -> bool:
        """Which lines are the last ones can't be told from their numbers."""
        return self.tail is not None and (self.stream is not None or bool(self.search))


def logs(
    run: RunArgument,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run ends.")] = False,
    from_line: Annotated[int, typer.Option(min=0, help="Begin with this line; 0 is the first.")] = 0,
    tail: Annotated[int | None, typer.Option("--tail", "-n", min=0, help="Only the last so many.")] = None,
    stream: Annotated[Stream | None, typer.Option(help="Only what was written there.")] = None,
    search: Annotated[str, typer.Option(metavar="TEXT", help="Only lines with it; case is ignored.")] = "",
    timestamps: Annotated[bool, typer.Option("--timestamps", "-t", help="Begin with the time.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Print the log of a run.

    All of it goes to stdout: what the run wrote to stdout and stderr, in order. The exit code tells
    nothing of how the run ended; `fastflow trigger --follow` and `fastflow show` do.
    """
    wanted = _Wanted(stream, search, tail, from_line, timestamps, as_json)

    async def work(client: "Client") -> None:
        from fastflow.cli import follow as following
        from fastflow.cli.run_ids import find_run_id

        run_id = await find_run_id(client, run)
        position = await _first_line(client, run_id, wanted)
        if not follow or wanted.has_to_search_its_tail:
            position = await _print_stored(client, run_id, wanted, position)
        if follow:
            await following.follow(
                client, run_id, lambda lines: _write(_narrowed(lines, wanted), wanted), position
            )

    try:
        ask(server, work)
    except KeyboardInterrupt:
        if follow:
            say("")
        raise typer.Exit(ExitCode.INTERRUPTED) from None


async def _first_line(client: "Client", run_id: str, wanted: _Wanted) -> int:
    if wanted.tail is None or wanted.has_to_search_its_tail:
        return wanted.from_line
    page = await client.get_lines(f"api/runs/{run_id}/logs", {"limit": 1})
    return max(wanted.from_line, page.total_lines - wanted.tail)


async def _print_stored(client: "Client", run_id: str, wanted: _Wanted, position: int) -> int:
    """Print what there is now; return the number of the line to go on with."""
    last: deque[LogLineAnswer] = deque(maxlen=wanted.tail)
    async for page in _pages(client, run_id, position, wanted):
        if wanted.tail is None:
            _write(page.lines, wanted)
        else:
            last.extend(page.lines)
        position = page.next_line
    _write(list(last), wanted)
    return position


async def _pages(
    client: "Client", run_id: str, position: int, wanted: _Wanted
) -> AsyncGenerator["LinesPage"]:
    while True:
        page = await client.get_lines(
            f"api/runs/{run_id}/logs",
            {"from_line": position, "limit": _PAGE, "stream": wanted.stream, "text": wanted.search or None},
        )
        yield page
        if page.is_complete or page.next_line == position:
            return
        position = page.next_line


def _narrowed(lines: Sequence[LogLineAnswer], wanted: _Wanted) -> list[LogLineAnswer]:
    text = wanted.search.lower()
    return [
        line
        for line in lines
        if wanted.stream in (None, line["stream"]) and (not text or text in line["line"].lower())
    ]


def _write(lines: Sequence[LogLineAnswer], wanted: _Wanted) -> None:
    if not lines:
        return
    if wanted.as_json:
        import json

        text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    elif wanted.has_timestamps:
        text = "".join(f"{line['at']} {line['line']}\n" for line in lines)
    else:
        text = "".join(f"{line['line']}\n" for line in lines)
    sys.stdout.write(text)
    sys.stdout.flush()
