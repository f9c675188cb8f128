"""`fastflow why`: why a pipeline did, or did not, run at some time."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, cast

import typer

from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import Cell, emit_json, emit_table, say
from fastflow.cli.session import ask
from fastflow.cli.wall_times import read_wall_time
from fastflow.cli.wire_schedules import WhyAnswer

if TYPE_CHECKING:
    from fastflow.cli.client import Client

EXAMPLES = examples(
    "fastflow why report 03:00",
    'fastflow why report "yesterday 03:00"',
    "fastflow why report 2026-03-29T02:30",
)
_STYLES = {"ran": "green", "waiting": "cyan", "skipped": "yellow", "coalesced": "cyan"}


def why(
    pipeline: Annotated[str, typer.Argument(metavar="PIPELINE", help="The pipeline.")],
    at: Annotated[
        str | None,
        typer.Argument(
            metavar="AT",
            help="The minute: 03:00 (today, or yesterday where that is still to come), "
            '"yesterday 03:00", 2026-11-23T03:00; now by default.',
        ),
    ] = None,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Say why a pipeline did, or did not, run by a schedule at some time.

    A time without an offset is read as the clocks of each schedule's own zone show it.
    """
    if at is None:
        moment = datetime.now(UTC).replace(second=0, microsecond=0)
    else:
        moment = read_wall_time(at, datetime.now(UTC).astimezone().replace(tzinfo=None))

    async def work(client: "Client") -> WhyAnswer:
        query = {"at": moment.isoformat()}
        return cast(WhyAnswer, await client.get(f"api/pipelines/{pipeline}/why", query))

    found = ask(server, work)
    if as_json:
        emit_json(found)
        return
    if not found["answers"]:
        say(f"{pipeline} has, and had, no schedule: it runs only when it is started in another way.")
        return
    say(f"{pipeline} at {moment:%Y-%m-%d %H:%M}{' UTC' if moment.tzinfo is UTC else ''}")
    emit_table(
        (),
        [
            (answer["key"], Cell(answer["sentence"], _STYLES.get(answer["code"], "")))
            for answer in found["answers"]
        ],
    )
