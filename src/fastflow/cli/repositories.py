"""`fastflow repositories`: the Git repositories that pipelines come from."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from fastflow.cli import host_keys as keys
from fastflow.cli import repository_changes as changes
from fastflow.cli.host_keys import RepositoryArgument
from fastflow.cli.moments import ahead, when
from fastflow.cli.nouns import Noun
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import Cell, emit, emit_json, emit_pairs, emit_table, say
from fastflow.cli.session import ask
from fastflow.cli.sync_report import short
from fastflow.cli.webhooks import DeliveryPageAnswer, emit_deliveries
from fastflow.cli.wire_git import (
    RepositoryAnswer,
    RepositoryStatusAnswer,
    SyncPageAnswer,
    SyncStatusAnswer,
)

if TYPE_CHECKING:
    from fastflow.cli.client import Client

repositories = Noun(
    "The Git repositories that pipelines come from. `fastflow repositories` lists them with their last sync."
)

_STYLES = {"SUCCESS": "green", "FAILED": "red", "RUNNING": "blue", "INTERRUPTED": "yellow"}


def list_repositories(as_json: JsonOption = False, server: ServerOption = DEFAULT_SERVER) -> None:
    """List the repositories with the commit in use and how the last sync ended."""

    async def work(client: "Client") -> SyncStatusAnswer:
        return cast(SyncStatusAnswer, await client.get("api/sync/status"))

    found = ask(server, work)
    if as_json:
        emit_json(found)
        return
    if not found["repositories"]:
        say("There is no repository. Add one with: fastflow repositories add NAME URL")
        return
    emit_table(
        ("REPOSITORY", "URL", "BRANCH", "COMMIT", "LOOKED AT", "PIPELINES", "STATE"),
        [
            (
                status["repository"],
                status["url"],
                status["branch"] or "(default)",
                short(status["commit"]["id"] if status["commit"] else None),
                when(status["checked_at"]),
                _pipelines(status),
                _state(status),
            )
            for status in found["repositories"]
        ],
    )


def show(
    name: RepositoryArgument, as_json: JsonOption = False, server: ServerOption = DEFAULT_SERVER
) -> None:
    """Show one repository: how it is opened, what is in use, how its environments are."""

    async def work(client: "Client") -> tuple[RepositoryAnswer, RepositoryStatusAnswer]:
        repository = cast(RepositoryAnswer, await client.get(f"api/repositories/{name}"))
        every = cast(SyncStatusAnswer, await client.get("api/sync/status"))["repositories"]
        return repository, next(status for status in every if status["repository"] == name)

    repository, status = ask(server, work)
    if as_json:
        emit_json({**repository, "status": status})
        return
    commit = status["commit"]
    by = f" by {commit['author']}: {commit['subject']}" if commit and commit["subject"] else ""
    emit_pairs(
        [
            ("repository", name),
            ("state", _state(status)),
            ("url", repository["url"]),
            ("branch", repository["branch"] or "(default)"),
            ("folder", repository["subdir"] or "(top)"),
            ("configured by", repository["origin"]),
            ("opened by", _opened_by(repository)),
            *[("host key", f"{key['type']} {key['fingerprint']}") for key in repository["host_keys"]],
            *([("deploy key", repository["public_key"])] if repository["public_key"] else []),
            ("push webhook", "taken" if repository["has_push_secret"] else "none"),
            ("commit", f"{commit['id']}{by}" if commit else "-"),
            ("looked at", when(status["checked_at"])),
            ("next look", ahead(status["next_due_at"])),
            ("pipelines", _pipelines(status)),
            ("environments", _environments(status)),
        ]
    )


def check(
    name: RepositoryArgument, as_json: JsonOption = False, server: ServerOption = DEFAULT_SERVER
) -> None:
    """Ask the Git host for the branches, with the credential that a sync would use; changes nothing."""

    async def work(client: "Client") -> list[str]:
        answer = await client.post(f"api/repositories/{name}/check", patience_seconds=_CHECK_SECONDS)
        return answer["branches"]

    branches = ask(server, work)
    if as_json:
        emit_json({"branches": branches})
        return
    say(f"{name} answers; its branches, the default one first:")
    for branch in branches:
        emit(branch)


def log(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only of this repository.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 20,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """List syncs, newest first: what each changed, or why it failed."""

    async def work(client: "Client") -> SyncPageAnswer:
        if name is not None:
            await client.get(f"api/repositories/{name}")  # says so where there is none of that name
        return cast(SyncPageAnswer, await client.get("api/sync/log", {"repository": name, "limit": limit}))

    found = ask(server, work)
    if as_json:
        emit_json(found)
        return
    if not found["syncs"]:
        say("Nothing was synced yet. Start it with: fastflow sync")
        return
    emit_table(
        ("STARTED", "REPOSITORY", "BECAUSE OF", "STATUS", "COMMIT", "WHAT HAPPENED"),
        [
            (
                when(sync["started_at"]),
                sync["repository"],
                sync["trigger"],
                Cell(sync["status"], _STYLES.get(sync["status"], "")),
                short(sync["commit_after"]),
                sync["message"] or "",
            )
            for sync in found["syncs"]
        ],
    )


def deliveries(
    name: RepositoryArgument,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 50,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """List what the Git host sent to the push webhook, newest first, and what became of it."""

    async def work(client: "Client") -> DeliveryPageAnswer:
        path = f"api/repositories/{name}/deliveries"
        return cast(DeliveryPageAnswer, await client.get(path, {"limit": limit}))

    page = ask(server, work)
    if as_json:
        emit_json(page)
    elif page["deliveries"]:
        emit_deliveries(page["deliveries"])
    else:
        say(f"Nothing was sent yet. `fastflow repositories push-webhook {name}` says how to set it up.")


_CHECK_SECONDS = 120.0
"""The server's own patience with a Git host is shorter."""


def _state(status: RepositoryStatusAnswer) -> Cell:
    if status["phase"] is not None:
        return Cell(status["phase"], "blue")
    if not status["is_enabled"]:
        return Cell("disabled", "dim")
    last = status["last_sync"]
    if last is None:
        return Cell("not synced yet" if status["commit"] is None else "ok", "")
    # A look that finds nothing new leaves no entry, and ends a row of failures.
    if last["status"] == "FAILED" and (status["failures"] or status["commit"] is None):
        return Cell(f"failed {when(last['finished_at'])}: {last['message']}", "red")
    return Cell("interrupted", "yellow") if last["status"] == "INTERRUPTED" else Cell("ok", "green")


def _pipelines(status: RepositoryStatusAnswer) -> str:
    invalid = status["invalid_pipelines"]
    return f"{status['pipelines']}, {invalid} of them invalid" if invalid else str(status["pipelines"])


def _environments(status: RepositoryStatusAnswer) -> str:
    parts = [f"{number} {word}" for word, number in status["environments"].items() if number]
    return ", ".join(parts) or "-"


def _opened_by(repository: RepositoryAnswer) -> str:
    words = {"none": "anybody", "token": "token", "deploy_key": "deploy key"}
    if repository["github_app"] is not None:
        return f"GitHub App {repository['github_app']}"
    word = words.get(repository["authentication"], repository["authentication"])
    return word if repository["has_secret"] or word == "anybody" else f"{word}, which is missing"


repositories.listing(list_repositories, examples("fastflow repositories", "fastflow repositories --json"))
repositories.verb("show", show, examples("fastflow repositories show data"))
repositories.verb("add", changes.add, changes.ADD_EXAMPLES)
repositories.verb("change", changes.change, changes.CHANGE_EXAMPLES)
repositories.verb("remove", changes.remove, changes.REMOVE_EXAMPLES)
repositories.verb("check", check, examples("fastflow repositories check data"))
repositories.verb("host-keys", keys.host_keys, keys.EXAMPLES)
repositories.verb("deploy-key", changes.deploy_key, changes.KEY_EXAMPLES)
repositories.verb("push-webhook", changes.push_webhook, changes.PUSH_EXAMPLES)
repositories.verb(
    "log", log, examples("fastflow repositories log", "fastflow repositories log data --limit 100")
)
repositories.verb("deliveries", deliveries, examples("fastflow repositories deliveries data"))
