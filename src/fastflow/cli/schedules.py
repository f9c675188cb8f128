"""`fastflow schedules`: when pipelines start by themselves, and what became of it."""

import getpass
from typing import TYPE_CHECKING, Annotated, cast

import typer

from fastflow.cli.moments import ahead, when
from fastflow.cli.nouns import Noun
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import Cell, emit, emit_json, emit_table, printable, say
from fastflow.cli.schedule_changes import ADD_EXAMPLES, REMOVE_EXAMPLES, add, remove
from fastflow.cli.schedule_ids import ScheduleArgument, find_schedules
from fastflow.cli.session import ask
from fastflow.cli.wire_schedules import (
    OccurrenceAnswer,
    OccurrencePageAnswer,
    ScheduleAnswer,
    ScheduleListAnswer,
)

if TYPE_CHECKING:
    from fastflow.cli.client import Client

schedules = Noun(
    "When pipelines start by themselves. `fastflow schedules [PIPELINE]` lists the schedules with what is "
    "due next; they stand in manifests, or are added here where a manifest has none."
)

_STYLES = {"run": "green", "waiting": "cyan", "coalesced": "dim", "skipped": "yellow"}


def list_schedules(
    pipeline: Annotated[str | None, typer.Argument(metavar="PIPELINE", help="Only this one's.")] = None,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """List the schedules with what is due next and what became of the last time."""

    async def work(client: "Client") -> ScheduleListAnswer:
        if pipeline is not None:
            await client.get(f"api/pipelines/{pipeline}")  # says so where there is none of that name
        return cast(ScheduleListAnswer, await client.get("api/schedules", {"pipeline_name": pipeline}))

    found = ask(server, work)
    if as_json:
        emit_json(found)
    elif found["schedules"]:
        emit_schedules(found["schedules"])
    else:
        of = f" of {pipeline}" if pipeline else ""
        say(
            f"There is no schedule{of}. Write `schedule_cron` into a manifest, or type: "
            f'fastflow schedules add {pipeline or "PIPELINE"} nightly --cron "30 2 * * *"'
        )


def emit_schedules(found: list[ScheduleAnswer]) -> None:
    """Print schedules, one a line."""
    emit_table(
        ("SCHEDULE", "RULE", "NEXT", "STATE", "LAST"),
        [
            (
                f"{schedule['pipeline_name']}/{schedule['key']}",
                schedule["rule"],
                ahead(schedule["next_due_at"]) if schedule["is_active"] else "-",
                _state(schedule),
                _last(schedule["last_occurrence"]),
            )
            for schedule in found
        ],
    )


def pause(
    schedule: ScheduleArgument,
    reason: Annotated[str | None, typer.Option(help="Why, for whoever finds it paused.")] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Whom to ask; else your login name.")] = None,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Skip everything due until it is resumed; nothing is caught up afterwards.

    PIPELINE alone pauses all of its schedules.
    """
    body = {"reason": reason, "by": by or _login_name()}

    async def work(client: "Client") -> list[ScheduleAnswer]:
        found = await find_schedules(client, schedule)
        return [
            cast(ScheduleAnswer, await client.post(f"api/schedules/{one['id']}/pause", body)) for one in found
        ]

    _report(ask(server, work), as_json=as_json)


def resume(
    schedule: ScheduleArgument, as_json: JsonOption = False, server: ServerOption = DEFAULT_SERVER
) -> None:
    """End a pause. What was due meanwhile stays skipped. PIPELINE alone resumes all of its schedules."""

    async def work(client: "Client") -> list[ScheduleAnswer]:
        found = await find_schedules(client, schedule)
        return [cast(ScheduleAnswer, await client.post(f"api/schedules/{one['id']}/resume")) for one in found]

    _report(ask(server, work), as_json=as_json)


def ledger(
    schedule: ScheduleArgument,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most, of each schedule.")] = 20,
    status: Annotated[
        str | None, typer.Option(metavar="run|waiting|coalesced|skipped", help="Only these.")
    ] = None,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """List what became of each time that was due, newest first."""

    async def work(client: "Client") -> list[tuple[str, OccurrenceAnswer]]:
        entries: list[tuple[str, OccurrenceAnswer]] = []
        for one in await find_schedules(client, schedule, also_gone=True):
            path = f"api/schedules/{one['id']}/occurrences"
            page = cast(OccurrencePageAnswer, await client.get(path, {"limit": limit, "status": status}))
            entries += [(one["key"], entry) for entry in page["occurrences"]]
        return sorted(entries, key=lambda pair: pair[1]["due_at"], reverse=True)

    entries = ask(server, work)
    if as_json:
        emit_json({"occurrences": [{**entry, "key": key} for key, entry in entries]})
    elif entries:
        _emit_ledger(entries)
    else:
        say("Nothing was due yet. `fastflow next` says what will be.")


def _emit_ledger(entries: list[tuple[str, OccurrenceAnswer]]) -> None:
    emit_table(
        ("DUE", "SCHEDULE", "BECAME", "RUN", "ENDED", "REASON"),
        [
            (
                when(entry["due_at"]),
                key,
                Cell(_became(entry), _STYLES.get(entry["status"], "")),
                entry["run_id"] or "-",
                entry["run_status"] or "-",
                entry["reason"] or "",
            )
            for key, entry in entries
        ],
    )


def _became(entry: OccurrenceAnswer) -> str:
    return entry["status"] if entry["count"] == 1 else f"{entry['status']} ({entry['count']:,} times)"


def _report(changed: list[ScheduleAnswer], *, as_json: bool) -> None:
    if as_json:
        emit_json({"schedules": changed})
        return
    for schedule in changed:
        name = f"{schedule['pipeline_name']}/{schedule['key']}"
        due = f", next {ahead(schedule['next_due_at'])}" if schedule["is_active"] else ""
        emit(printable(f"{name}: {_state(schedule).text}{due}"))


def _state(schedule: ScheduleAnswer) -> Cell:
    waiting = f", {schedule['waiting']} to be caught up" if schedule["waiting"] else ""
    if schedule["is_active"]:
        return Cell(f"on{waiting}", "green")
    if schedule["inactive_code"] == "paused":
        why = f": {schedule['pause_reason']}" if schedule["pause_reason"] else ""
        return Cell(f"paused by {schedule['paused_by']}, {when(schedule['paused_at'])}{why}", "yellow")
    words = {"removed": "gone", "superseded": "superseded", "ended": "ended"}
    word = words.get(schedule["inactive_code"] or "", "disabled")
    return Cell(f"{word}: {schedule['inactive_reason']}", "dim")


def _last(entry: OccurrenceAnswer | None) -> str:
    if entry is None:
        return "-"
    return f"{entry['run_status'] or entry['status']} {when(entry['due_at'])}"


def _login_name() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name; the server says who instead
        return None


schedules.listing(
    list_schedules,
    examples("fastflow schedules", "fastflow schedules report", "fastflow schedules --json"),
)
schedules.verb("add", add, ADD_EXAMPLES)
schedules.verb("remove", remove, REMOVE_EXAMPLES)
schedules.verb(
    "pause",
    pause,
    examples(
        'fastflow schedules pause report --reason "source is being moved"',
        "fastflow schedules pause report/nightly",
    ),
)
schedules.verb("resume", resume, examples("fastflow schedules resume report/nightly"))
schedules.verb(
    "ledger",
    ledger,
    examples("fastflow schedules ledger report/nightly", "fastflow schedules ledger report --status skipped"),
)
