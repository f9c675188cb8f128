"""`fastflow lock --upgrade`: the newest packages for a pipeline."""

from typing import TYPE_CHECKING, Annotated, TypedDict, cast

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit_json, emit_table, say
from fastflow.cli.session import ask

if TYPE_CHECKING:
    from fastflow.cli.client import Client

EXAMPLES = examples(
    "fastflow lock report --upgrade",
    "fastflow pipelines --json | jq -r '.pipelines[].name' | xargs fastflow lock --upgrade",
)
_UPGRADE_SECONDS = 3600.0


class ChangeAnswer(TypedDict):
    """A package that came, went or has another version."""

    name: str
    difference: str
    before: str | None
    after: str | None


class LockUpgradeAnswer(TypedDict):
    """What came of locking anew."""

    lockfile_key: str
    environment_key: str
    packages: list[ChangeAnswer] | None


def lock(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Pipelines.")],
    is_upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Get the newest packages that the requirements allow.")
    ] = False,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Lock the requirements of pipelines anew.

    A lockfile is made when a pipeline first needs one, and stays until its requirements change: a run gets
    the same packages tomorrow. This renews it. What is new is built before it is used; runs that begin
    meanwhile get what was locked before. LOCK_UPGRADE_DAYS has the server do so by itself.
    """
    if not is_upgrade:
        raise CommandFailed(
            ExitCode.USAGE,
            "Pipelines are locked by themselves when they need it. To get newer packages, add --upgrade.",
        )
    found: dict[str, LockUpgradeAnswer] = {}
    for name in names:
        say(f"{name}: locking and building …")
        found[name] = ask(server, lambda client, name=name: _upgraded(client, name))
        _tell(name, found[name]["packages"])
    if as_json:
        emit_json({"upgrades": found})
        return
    rows = [
        (name, change["name"], change["before"] or "-", change["after"] or "-")
        for name, upgrade in found.items()
        for change in upgrade["packages"] or ()
    ]
    if rows:
        emit_table(("PIPELINE", "PACKAGE", "BEFORE", "NOW"), rows)


async def _upgraded(client: "Client", name: str) -> LockUpgradeAnswer:
    answer = await client.post(f"api/pipelines/{name}/lock-upgrade", patience_seconds=_UPGRADE_SECONDS)
    return cast(LockUpgradeAnswer, answer)


def _tell(name: str, changes: list[ChangeAnswer] | None) -> None:
    if changes is None:
        say(f"{name}: locked; what there was before is not known")
    elif not changes:
        say(f"{name}: nothing is newer")
    else:
        say(f"{name}: {len(changes)} {'package' if len(changes) == 1 else 'packages'} changed")
