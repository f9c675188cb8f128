"""`fastflow schedules add` and `remove`: schedules of pipelines whose manifest has none."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from fastflow.cli.durations import read_seconds
from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.inputs import VariableOption, read_variables
from fastflow.cli.moments import ahead
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit, emit_json, printable
from fastflow.cli.schedule_ids import find_schedules
from fastflow.cli.session import ask
from fastflow.cli.wire_schedules import ScheduleAnswer

if TYPE_CHECKING:
    from fastflow.cli.client import Client

ADD_EXAMPLES = examples(
    'fastflow schedules add report nightly --cron "30 2 * * *" --timezone Europe/Berlin',
    "fastflow schedules add report often --every 15min --catch-up none",
    "fastflow schedules add report once --at 2027-01-31T06:30",
)
REMOVE_EXAMPLES = examples("fastflow schedules remove report/nightly")


class CatchUp(StrEnum):
    """Which missed occurrences are run; `domain.manifest` has the same, but would load slowly here."""

    NONE = "none"
    LAST = "last"
    ALL = "all"


def add(
    pipeline: Annotated[str, typer.Argument(metavar="PIPELINE", help="The pipeline.")],
    id: Annotated[
        str, typer.Argument(metavar="ID", help="What the schedule is called.", show_default=False)
    ] = "default",
    cron: Annotated[
        str | None, typer.Option(metavar="EXPRESSION", help="Minute, hour, day, month, weekday.")
    ] = None,
    every: Annotated[str | None, typer.Option(metavar="DURATION", help="Such as 90s, 15min, 6h.")] = None,
    at: Annotated[str | None, typer.Option(metavar="DATE", help="Once, such as 2027-01-31T06:30.")] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Such as Europe/Berlin; else the server's TIMEZONE.")
    ] = None,
    start: Annotated[str | None, typer.Option(metavar="DATE", help="Nothing starts before.")] = None,
    end: Annotated[str | None, typer.Option(metavar="DATE", help="Nothing starts after.")] = None,
    catch_up: Annotated[
        CatchUp | None, typer.Option(help="What to do with times that were missed; last by default.")
    ] = None,
    catch_up_limit: Annotated[
        int | None, typer.Option(min=1, help="With --catch-up all: at most so many of the missed ones.")
    ] = None,
    env: VariableOption = None,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Add a schedule to a pipeline whose manifest has none: by --cron, --every or --at.

    Once the manifest has a schedule of its own, that one counts and this one rests.
    """
    if [cron, every, at].count(None) != 2:
        raise CommandFailed(ExitCode.USAGE, "Say when it is due by exactly one of --cron, --every and --at.")
    draft: dict[str, Any] = {
        "id": id,
        "schedule_cron": cron,
        "schedule_interval_seconds": read_seconds("--every", every) if every is not None else None,
        "run_once_at": at,
        "timezone": timezone,
        "schedule_start": start,
        "schedule_end": end,
        "catch_up": catch_up,
        "catch_up_limit": catch_up_limit,
        "default_env": read_variables(env) or None,
    }
    body = {name: value for name, value in draft.items() if value is not None}

    async def work(client: "Client") -> ScheduleAnswer:
        return cast(ScheduleAnswer, await client.post(f"api/pipelines/{pipeline}/schedules", body))

    made = ask(server, work)
    if as_json:
        emit_json(made)
        return
    due = f"next {ahead(made['next_due_at'])}" if made["is_active"] else f"off: {made['inactive_reason']}"
    emit(printable(f"{made['pipeline_name']}/{made['key']}: {made['rule']}, {due}"))


def remove(
    schedule: Annotated[str, typer.Argument(metavar="PIPELINE/ID", help="The schedule.")],
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Remove a schedule that was added here; its ledger stays. Those of manifests are removed there."""

    async def work(client: "Client") -> str:
        found = await find_schedules(client, schedule)
        if len(found) > 1:
            names = ", ".join(f"{one['pipeline_name']}/{one['key']}" for one in found)
            raise CommandFailed(ExitCode.USAGE, f"{schedule} has several schedules. Name one: {names}.")
        await client.delete(f"api/schedules/{found[0]['id']}")
        return f"{found[0]['pipeline_name']}/{found[0]['key']}"

    emit(f"{ask(server, work)} is removed")
