"""`fastflow runs` and `fastflow show`: which runs there are, and one in detail."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Annotated, cast

import typer

from fastflow.cli.moments import duration, when
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, RunArgument, ServerOption, examples
from fastflow.cli.output import Cell, emit, emit_json, emit_pairs, emit_table, is_terminal, printable, say
from fastflow.cli.session import ask
from fastflow.cli.verdict import STYLES, status_cell
from fastflow.cli.wire import AttemptAnswer, RunAnswer, RunDetailAnswer, RunPageAnswer
from fastflow.domain.limits import format_bytes
from fastflow.domain.run import RunStatus

if TYPE_CHECKING:
    from fastflow.cli.client import Client

_LARGEST_PAGE = 500

RUNS_EXAMPLES = examples(
    "fastflow runs",
    "fastflow runs --pipeline report --status FAILED --status CANCELLED",
    "fastflow runs --all --json | jq '.runs[].reason'",
)
SHOW_EXAMPLES = examples(
    "fastflow show latest", "fastflow show report:latest", "fastflow show 3fa9c1d2 --json"
)


def runs(
    pipeline: Annotated[str | None, typer.Option(metavar="NAME", help="Only runs of this pipeline.")] = None,
    status: Annotated[
        list[RunStatus] | None, typer.Option(case_sensitive=False, help="Only these. Repeatable.")
    ] = None,
    text: Annotated[
        str | None, typer.Option(help="Part of a pipeline's name or a reason, or a beginning of an id.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    every: Annotated[bool, typer.Option("--all", help="All of them, whatever --limit says.")] = False,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """List runs, newest first."""
    query = {"pipeline_name": pipeline, "status": [s.value for s in status or ()], "text": text}

    async def work(client: "Client") -> tuple[list[RunAnswer], str | None]:
        return await _collect(client, query, None if every else limit)

    found, next_cursor = ask(server, work)
    if as_json:
        emit_json({"runs": found, "next_cursor": next_cursor})
        return
    emit_table(
        ("RUN", "PIPELINE", "STATUS", "CREATED", "DURATION", "REASON"),
        [
            (
                run["id"],
                run["pipeline_name"],
                status_cell(run),
                when(run["created_at"]),
                duration(run["started_at"], run["finished_at"]),
                run["reason"] or "",
            )
            for run in found
        ],
    )
    if next_cursor is not None and is_terminal():
        say(f"the newest {len(found)}; --limit or --all shows more")


def show(run: RunArgument, as_json: JsonOption = False, server: ServerOption = DEFAULT_SERVER) -> None:
    """Show one run: what became of it and why."""

    async def work(client: "Client") -> RunDetailAnswer:
        from fastflow.cli.run_ids import find_run_id

        return cast(RunDetailAnswer, await client.get(f"api/runs/{await find_run_id(client, run)}"))

    found = ask(server, work)
    if as_json:
        emit_json(found)
    else:
        _emit_details(found)


async def _collect(
    client: "Client", query: dict[str, str | list[str] | None], limit: int | None
) -> tuple[list[RunAnswer], str | None]:
    found: list[RunAnswer] = []
    async for page in _pages(client, query, limit):
        found += page["runs"]
        if limit is not None and len(found) >= limit:
            return found, page["next_cursor"]
    return found, None


async def _pages(
    client: "Client", query: dict[str, str | list[str] | None], limit: int | None
) -> AsyncGenerator[RunPageAnswer]:
    cursor, left = None, limit
    while True:
        size = min(left or _LARGEST_PAGE, _LARGEST_PAGE)
        page = cast(RunPageAnswer, await client.get("api/runs", {**query, "limit": size, "cursor": cursor}))
        yield page
        cursor = page["next_cursor"]
        left = left - len(page["runs"]) if left is not None else None
        if cursor is None:
            return


def _emit_details(run: RunDetailAnswer) -> None:
    emit(printable(run["reason"] or _waiting(run)))
    emit("")
    spec = run["spec"]
    pairs: list[tuple[str, Cell | str]] = [
        ("run", run["id"]),
        ("pipeline", run["pipeline_name"]),
        ("status", status_cell(run)),
        ("outcome", _outcome(run)),
        ("trigger", run["trigger"]),
        ("why", run["why"]),
        ("revision", run["revision"] or "-"),
        *_origin(run),
        ("created", when(run["created_at"])),
        ("started", when(run["started_at"])),
        ("finished", when(run["finished_at"])),
        *_setup(run),
        ("duration", duration(run["started_at"], run["finished_at"])),
        ("peak memory", _size(run["peak_memory_bytes"])),
    ]
    pairs += [(f"parameter {name}", str(value)) for name, value in spec.get("parameters", {}).items()]
    variables = {**spec.get("default_variables", {}), **spec.get("variables", {})}
    pairs += [(f"variable {name}", value) for name, value in variables.items()]
    pairs += [("warning", Cell(warning, "yellow")) for warning in run["warnings"]]
    if run["retry_of"]:
        pairs.append(("repeats", run["retry_of"]))
    emit_pairs([*pairs, *_chain(run)])
    if run["attempts"]:
        emit("")
        _emit_attempts(run)


def _origin(run: RunAnswer) -> list[tuple[str, Cell | str]]:
    """Return where its files came from, which is told of Git repositories only."""
    if run["commit"] is None:
        return []
    return [("commit", f"{run['commit']} of {run['repository']}" if run["repository"] else run["commit"])]


def _setup(run: RunDetailAnswer) -> list[tuple[str, Cell | str]]:
    """Return what the last attempt that was started waited for once it had its turn."""
    begun = [each for each in run["attempts"] if each["setup_seconds"] is not None]
    if not begun:
        return []
    last = begun[-1]
    parts = [
        f"{name} {seconds:.2f} s"
        for name, seconds in (
            ("lock", last["lock_seconds"]),
            ("build", last["build_seconds"]),
            (_start(last), last["start_seconds"]),
        )
        if seconds is not None
    ]
    return [("setup", f"{last['setup_seconds']:.2f} s{': ' if parts else ''}{', '.join(parts)}")]


def _start(attempt: AttemptAnswer) -> str:
    """Name the way in which it was started."""
    name = "standby start" if attempt["start_kind"] == "standby" else "start"
    return f"{name} by {attempt['oci_runtime']}" if attempt["oci_runtime"] else name


def _chain(run: RunDetailAnswer) -> list[tuple[str, Cell | str]]:
    """Return the run that it follows and those that follow it."""
    pairs: list[tuple[str, Cell | str]] = []
    if run["route"] is not None:
        pairs.append(("route", run["route"]))
    if run["upstream_run_id"] is not None:
        pairs.append(("follows", run["upstream_run_id"]))
    for started in run["downstream"]:
        reason = f": {started['reason']}" if started["reason"] else ""
        text = f"{started['id']} of {started['pipeline_name']}, {started['status']}{reason}"
        pairs.append(("led to", Cell(text, STYLES[RunStatus(started["status"])])))
    return pairs


def _emit_attempts(run: RunDetailAnswer) -> None:
    emit_table(
        ("ATTEMPT", "STATUS", "STARTED", "DURATION", "OUTCOME", "EXIT", "LINES", "REASON"),
        [
            (
                str(attempt["number"]),
                attempt["status"],
                when(attempt["started_at"]),
                duration(attempt["started_at"], attempt["finished_at"]),
                attempt["outcome"] or "-",
                "-" if attempt["exit_code"] is None else str(attempt["exit_code"]),
                "-" if attempt["log_lines"] is None else str(attempt["log_lines"]),
                attempt["reason"] or "",
            )
            for attempt in run["attempts"]
        ],
    )


def _waiting(run: RunAnswer) -> str:
    return f"Run of {run['pipeline_name']} is {run['status']}."


def _outcome(run: RunAnswer) -> str:
    code = "" if run["exit_code"] is None else f" (exit code {run['exit_code']})"
    return f"{run['outcome'] or '-'}{code}"


def _size(size_bytes: int | None) -> str:
    return "-" if size_bytes is None else format_bytes(size_bytes)
