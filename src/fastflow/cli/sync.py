"""`fastflow sync`: brings the pipelines of Git repositories up to date, or says what that would change."""

import sys
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit_json, is_terminal, say, say_error
from fastflow.cli.session import ask
from fastflow.cli.sync_report import emit_plan, emit_sync
from fastflow.cli.wire_git import PlanAnswer, SyncAnswer, SyncStartAnswer, SyncStatusAnswer

if TYPE_CHECKING:
    from fastflow.cli.client import Client

EXAMPLES = examples(
    "fastflow sync", "fastflow sync data --dry-run", "fastflow sync --json | jq '.syncs[].message'"
)
RUNNING: Final = "RUNNING"
_FETCH_SECONDS: Final = 3600.0
"""A dry run answers when the fetch is done; GIT_TIMEOUT_SECONDS of the server ends it long before."""
_LONGEST_PAUSE_SECONDS: Final = 1.0


def sync(
    repository: Annotated[
        str | None, typer.Argument(metavar="REPOSITORY", help="Only this one; else all that are enabled.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would change; change nothing.")
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Start it and leave; `fastflow repositories log` tells the end.")
    ] = False,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Fetch the repositories and take over their pipelines.

    Waits for the end and shows what changed: + added, ~ changed, - removed, ! can't be started. Exit
    code 1 where a sync failed; then nothing has changed, and the reason says what to do.
    """
    if dry_run and no_wait:
        raise CommandFailed(ExitCode.USAGE, "--dry-run and --no-wait exclude each other.")
    if dry_run:
        _plan(server, repository, as_json=as_json)
        return

    async def work(client: "Client") -> list[SyncAnswer]:
        begun = cast(SyncStartAnswer, await client.post("api/sync", {"repository": repository}))["syncs"]
        return begun if no_wait else await _until_ended(client, begun)

    try:
        syncs = ask(server, work)
    except KeyboardInterrupt:
        say("\nlet go of the sync; it goes on. Look at it with: fastflow repositories log")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if as_json:
        emit_json({"syncs": syncs})
    else:
        _report(syncs)
    if any(sync["status"] not in (RUNNING, "SUCCESS") for sync in syncs):
        raise typer.Exit(ExitCode.FAILED)


def _plan(server: str, repository: str | None, *, as_json: bool) -> None:
    """Plan each by itself: what one repository lacks is not to hide what another one brings."""
    worst, plans = ExitCode.OK, list[PlanAnswer]()

    async def work(client: "Client") -> None:
        nonlocal worst
        names = [repository] if repository is not None else await _enabled(client)
        if not names:
            _say_none()
        for name in names:
            if sys.stderr.isatty() and not as_json:
                say(f"{name}: fetching, to see what would change")
            try:
                plans.append(await _planned(client, name))
            except CommandFailed as failure:
                say_error(f"{name}: {failure.message}")
                worst = failure.exit_code

    ask(server, work)
    if as_json:
        emit_json({"plans": plans})
    else:
        for plan in plans:
            emit_plan(plan)
    if worst is not ExitCode.OK:
        raise typer.Exit(worst)


async def _enabled(client: "Client") -> list[str]:
    status = cast(SyncStatusAnswer, await client.get("api/sync/status"))
    return [one["repository"] for one in status["repositories"] if one["is_enabled"]]


async def _planned(client: "Client", name: str) -> PlanAnswer:
    body = {"repository": name, "dry_run": True}
    return cast(SyncStartAnswer, await client.post("api/sync", body, patience_seconds=_FETCH_SECONDS))[
        "plans"
    ][0]


def _report(syncs: list[SyncAnswer]) -> None:
    if not syncs:
        _say_none()
    for done in syncs:
        if done["status"] in (RUNNING, "SUCCESS"):
            emit_sync(done)
        else:
            say_error(f"{done['repository']}: {done['message'] or done['status']}")


def _say_none() -> None:
    say(
        "There is no Git repository to sync. Set GIT_REPO_URL, or add one with `fastflow repositories add`; "
        "the local folder of pipelines is watched anyway."
    )


async def _until_ended(client: "Client", syncs: list[SyncAnswer]) -> list[SyncAnswer]:
    """Return the syncs once none of them goes on; shows on a terminal what each is doing."""
    import asyncio

    from fastflow.cli.patience import get_patiently

    pause, is_watched = 0.05, sys.stderr.isatty() and is_terminal()
    shown: dict[str, str] = {}
    while any(sync["status"] == RUNNING for sync in syncs):
        if is_watched:
            await _show_phases(client, shown)
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
        syncs = [
            cast(SyncAnswer, await get_patiently(client, f"api/sync/{sync['id']}"))
            if sync["status"] == RUNNING
            else sync
            for sync in syncs
        ]
    return syncs


async def _show_phases(client: "Client", shown: dict[str, str]) -> None:
    from fastflow.cli.patience import get_patiently

    status = cast(SyncStatusAnswer, await get_patiently(client, "api/sync/status"))
    for repository in status["repositories"]:
        name, phase = repository["repository"], repository["phase"]
        if phase is not None and shown.get(name) != phase:
            shown[name] = phase
            say(f"{name}: {phase}")
