"""Finds the schedules that somebody means by PIPELINE or PIPELINE/ID."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.wire_schedules import ScheduleAnswer, ScheduleListAnswer

if TYPE_CHECKING:
    from fastflow.cli.client import Client

ScheduleArgument = Annotated[
    str,
    typer.Argument(metavar="PIPELINE[/ID]", help="A pipeline's schedules, or the one of that id."),
]


async def find_schedules(client: "Client", meant: str, *, also_gone: bool = False) -> list[ScheduleAnswer]:
    """Return the schedules that are meant, at least one; those that vanished only where asked for.

    Raises:
        CommandFailed: there is none.
    """
    pipeline, _, key = meant.partition("/")
    listed = cast(ScheduleListAnswer, await client.get("api/schedules", {"pipeline_name": pipeline}))
    known = [one for one in listed["schedules"] if also_gone or one["is_present"]]
    found = [one for one in known if key in ("", one["key"])]
    if not found:
        await client.get(f"api/pipelines/{pipeline}")  # says so where it is the pipeline that is missing
        others = ", ".join(f"{pipeline}/{one['key']}" for one in known)
        raise CommandFailed(
            ExitCode.NOT_FOUND,
            f"There is no schedule {meant}. There are: {others}."
            if others
            else f"Pipeline {pipeline} has no schedule.",
        )
    return found
