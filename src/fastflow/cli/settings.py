"""`fastflow settings`: the settings that the server runs with."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import Cell, emit_json, emit_table
from fastflow.cli.session import ask
from fastflow.cli.wire import SettingsAnswer

if TYPE_CHECKING:
    from fastflow.cli.client import Client

EXAMPLES = examples("fastflow settings", "fastflow settings --changed", "fastflow settings --json")


def settings(
    changed: Annotated[
        bool, typer.Option("--changed", help="Only those that differ from the default.")
    ] = False,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """List the settings that the server runs with. Secrets are never shown."""

    async def work(client: "Client") -> SettingsAnswer:
        return cast(SettingsAnswer, await client.get("api/settings"))

    found = ask(server, work)["settings"]
    shown = [setting for setting in found if not (changed and setting["is_default"])]
    if as_json:
        emit_json({"settings": shown})
        return
    emit_table(
        ("SETTING", "VALUE", "MEANING"),
        [
            (
                setting["name"],
                Cell(
                    "" if setting["value"] is None else str(setting["value"]),
                    "" if setting["is_default"] else "bold",
                ),
                setting["description"],
            )
            for setting in shown
        ],
    )
