"""`fastflow audit`: who changed what; exported, and checked for changes by force."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict, cast

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.moments import when
from fastflow.cli.nouns import Noun
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit, emit_json, emit_table, is_terminal, say, say_error
from fastflow.cli.session import ask
from fastflow.cli.wall_times import read_wall_time
from fastflow.domain.audit import AuditAction

if TYPE_CHECKING:
    from fastflow.cli.client import Client

audit = Noun("Who changed what, and when. `fastflow audit` lists it, the newest first.")

_VERIFY_SECONDS = 600.0
"""The server goes through the whole log; ten million rows take it minutes."""


class AuditAnswer(TypedDict):
    """One thing that was done."""

    sequence: int
    at: str
    actor_kind: str
    actor_name: str
    address: str | None
    action: str
    target: str
    pipeline_name: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class VerificationAnswer(TypedDict):
    """What came of going through the log."""

    is_intact: bool
    problem: str | None
    rows: int
    first_sequence: int | None
    last_sequence: int
    last_digest: str


ActorOption = Annotated[str | None, typer.Option(metavar="NAME", help="Only what this one did.")]
ActionOption = Annotated[
    list[AuditAction] | None, typer.Option(metavar="ACTION", help="Such as run.triggered. Repeatable.")
]
TargetOption = Annotated[str | None, typer.Option(metavar="NAME", help="Only what was done to this.")]
PipelineOption = Annotated[str | None, typer.Option(metavar="NAME", help="Only of this pipeline.")]
FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="Not older: 03:00, 'yesterday 03:00', 2026-01-31T00:00."),
]
BeforeOption = Annotated[str | None, typer.Option("--before", metavar="TIME", help="Older than this.")]


def list_audit(
    actor: ActorOption = None,
    action: ActionOption = None,
    target: TargetOption = None,
    pipeline: PipelineOption = None,
    at_from: FromOption = None,
    at_before: BeforeOption = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 50,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """List what was done, newest first."""
    query = {**_query(actor, action, target, pipeline, at_from, at_before), "limit": limit}

    async def work(client: "Client") -> tuple[list[AuditAnswer], str | None]:
        page = await client.get("api/audit", query)
        return page["entries"], page["next_cursor"]

    found, next_cursor = ask(server, work)
    if as_json:
        emit_json({"entries": found, "next_cursor": next_cursor})
        return
    emit_table(("NUMBER", "WHEN", "WHO", "FROM", "ACTION", "TARGET", "CHANGE"), [_row(one) for one in found])
    if next_cursor is not None and is_terminal():
        say(f"the newest {len(found)}; --limit shows more, `fastflow audit export` all")


def export(
    format: Annotated[Literal["ndjson", "csv"], typer.Option(help="JSON, one a line; or CSV.")] = "ndjson",
    actor: ActorOption = None,
    action: ActionOption = None,
    target: TargetOption = None,
    pipeline: PipelineOption = None,
    at_from: FromOption = None,
    at_before: BeforeOption = None,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Write the whole log to the standard output, oldest first."""
    query = {**_query(actor, action, target, pipeline, at_from, at_before), "format": format}

    async def work(client: "Client") -> None:
        async for chunk in client.download("api/audit/export", query):
            sys.stdout.buffer.write(chunk)

    ask(server, work)


def verify(
    known: Annotated[
        str | None,
        typer.Option(metavar="NUMBER:DIGEST", help="What an earlier verify said; it has to be there still."),
    ] = None,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Look whether an entry was changed or removed behind the server's back; exit code 1 if so.

    Whoever may write the database could compute the whole log anew: keep what this prints elsewhere, and
    give it as --known later.
    """
    query: dict[str, str | int | None] = {}
    if known is not None:
        sequence, _, digest = known.partition(":")
        if not sequence.isdecimal() or not digest:
            raise CommandFailed(
                ExitCode.USAGE, f"--known: {known!r} is not of the form NUMBER:DIGEST, as verify prints it."
            )
        query = {"sequence": sequence, "digest": digest}

    async def work(client: "Client") -> VerificationAnswer:
        told = await client.get("api/audit/verification", query, patience_seconds=_VERIFY_SECONDS)
        return cast(VerificationAnswer, told)

    found = ask(server, work)
    if as_json:
        emit_json(found)
    elif found["is_intact"]:
        say(f"intact: {found['rows']} entries, from number {found['first_sequence'] or '-'} on")
        emit(f"{found['last_sequence']}:{found['last_digest']}")
    if not found["is_intact"]:
        say_error(f"the audit log was tampered with: {found['problem']}")
        raise typer.Exit(ExitCode.FAILED)


def _query(
    actor: str | None,
    action: list[AuditAction] | None,
    target: str | None,
    pipeline: str | None,
    at_from: str | None,
    at_before: str | None,
) -> dict[str, str | int | list[str] | None]:
    return {
        "actor": actor,
        "action": [one.value for one in action or ()],
        "target": target,
        "pipeline_name": pipeline,
        "at_from": _moment(at_from),
        "at_before": _moment(at_before),
    }


def _moment(text: str | None) -> str | None:
    """Return the moment that is meant, by this machine's clocks unless it says its offset."""
    if text is None:
        return None
    return read_wall_time(text, datetime.now()).astimezone().isoformat()


def _row(entry: AuditAnswer) -> tuple[str, ...]:
    who = entry["actor_name"]
    kind = entry["actor_kind"]
    of = entry["pipeline_name"]
    return (
        str(entry["sequence"]),
        when(entry["at"]),
        who if kind in ("user", "local", "webhook") else f"{kind} {who}",
        entry["address"] or "-",
        entry["action"],
        entry["target"] + (f" of {of}" if of else ""),
        _change(entry["before"] or {}, entry["after"] or {}),
    )


def _change(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Return `branch: main → next`, `token: •••`; of each field what is known."""
    told: list[str] = []
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        told.append(f"{name}: {_value(new) if old in (None, new) else f'{_value(old)} → {_value(new)}'}")
    return "; ".join(told)


def _value(value: Any) -> str:
    if value is None:
        return "-"
    return ", ".join(map(str, cast(list[Any], value))) if isinstance(value, list) else str(value)


audit.listing(
    list_audit,
    examples(
        "fastflow audit",
        "fastflow audit --actor anna --action run.cancelled --from 2026-01-01T00:00:00Z",
        "fastflow audit --pipeline report --json | jq '.entries[].after'",
    ),
)
audit.verb(
    "export",
    export,
    examples("fastflow audit export > audit.ndjson", "fastflow audit export --format csv > audit.csv"),
)
audit.verb(
    "verify",
    verify,
    examples("fastflow audit verify > last-seal.txt", 'fastflow audit verify --known "$(cat last-seal.txt)"'),
)
