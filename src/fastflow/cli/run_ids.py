"""Finds the run that somebody means."""

from typing import Final, cast

from fastflow.cli.client import Client
from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.wire import RunPageAnswer

_ID_LENGTH: Final = 36
_PAGE: Final = 500
LATEST: Final = "latest"


async def find_run_id(client: Client, meant: str) -> str:
    """Return the id of the run meant by an id, a part of one, `latest` or `NAME:latest`.

    Raises:
        CommandFailed: none is meant, or several are.
    """
    if meant == LATEST or meant.endswith(f":{LATEST}"):
        return await _latest(client, meant.removesuffix(LATEST).removesuffix(":"))
    if len(meant) == _ID_LENGTH:
        return meant.lower()
    part = meant.lower()
    if not part or not set(part) <= set("0123456789abcdef-"):
        raise CommandFailed(
            ExitCode.NOT_FOUND,
            f"{meant!r} is no part of a run's id. `fastflow runs` lists the ids; "
            f"the newest run of a pipeline is NAME:{LATEST}.",
        )
    return await _containing(client, part)


async def _latest(client: Client, pipeline: str) -> str:
    page = cast(RunPageAnswer, await client.get("api/runs", {"pipeline_name": pipeline or None, "limit": 1}))
    if not page["runs"]:
        of = f" of {pipeline}" if pipeline else ""
        raise CommandFailed(
            ExitCode.NOT_FOUND, f"There is no run{of} yet. `fastflow trigger NAME` starts one."
        )
    return page["runs"][0]["id"]


async def _containing(client: Client, part: str) -> str:
    """Return the run whose id ends so, else the one whose id begins so, among the newest that fit."""
    page = cast(RunPageAnswer, await client.get("api/runs", {"limit": _PAGE, "text": part}))
    ids = [run["id"] for run in page["runs"]]
    found = [id for id in ids if id.endswith(part)] or [id for id in ids if id.startswith(part)]
    if not found:
        raise CommandFailed(
            ExitCode.NOT_FOUND, f"There is no run {part!r}. `fastflow runs` lists the newest ones."
        )
    return _only(found, part)


def _only(found: list[str], part: str) -> str:
    if len(found) > 1:
        raise CommandFailed(
            ExitCode.USAGE,
            f"{part!r} may mean {len(found)} runs: {', '.join(found[:5])}. Give more of the id.",
        )
    return found[0]
