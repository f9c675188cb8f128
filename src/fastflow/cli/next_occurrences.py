"""`fastflow next`: what is due next."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from fastflow.cli.moments import ahead
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit_json, emit_table, say
from fastflow.cli.session import ask
from fastflow.cli.wire_schedules import UpcomingListAnswer

if TYPE_CHECKING:
    from fastflow.cli.client import Client

EXAMPLES = examples("fastflow next", "fastflow next report -n 30", "fastflow next --json")


def next_occurrences(
    pipeline: Annotated[str | None, typer.Argument(metavar="PIPELINE", help="Only this one.")] = None,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, max=1000, help="How many.")] = 10,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """List what is due next, over all schedules that are on. Shows this machine's time and the zone's."""

    async def work(client: "Client") -> UpcomingListAnswer:
        if pipeline is not None:
            await client.get(f"api/pipelines/{pipeline}")  # says so where there is none of that name
        query = {"limit": limit, "pipeline_name": pipeline}
        return cast(UpcomingListAnswer, await client.get("api/schedules/upcoming", query))

    found = ask(server, work)
    if as_json:
        emit_json(found)
        return
    if not found["occurrences"]:
        say("Nothing is due. `fastflow schedules` says which schedules there are, and why they are off.")
        return
    emit_table(
        ("DUE", "SCHEDULE", "THERE", "ZONE"),
        [
            (
                ahead(occurrence["due_at"]),
                f"{occurrence['pipeline_name']}/{occurrence['key']}",
                occurrence["local"],
                occurrence["zone"],
            )
            for occurrence in found["occurrences"]
        ],
    )
