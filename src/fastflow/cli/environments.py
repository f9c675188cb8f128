"""`fastflow env`: the environments on the server's disk, and what may go."""

from typing import TYPE_CHECKING, Annotated, TypedDict, cast

import typer

from fastflow.cli.durations import read_seconds
from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.moments import when
from fastflow.cli.nouns import Noun
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit, emit_json, emit_pairs, emit_table, say
from fastflow.cli.session import ask
from fastflow.domain.limits import format_bytes

if TYPE_CHECKING:
    from fastflow.cli.client import Client

environments = Noun(
    "Environments: an interpreter with the packages of one lockfile, built once and shared by all runs that "
    "ask for the same. Those that nobody needs are deleted by themselves (ENVIRONMENTS_UNUSED_DAYS, "
    "ENVIRONMENTS_MAX_SIZE_GB)."
)

_SHOWN = 12
"""Characters of a key that tell it from all others."""
_PRUNING_SECONDS = 900.0


class EnvironmentAnswer(TypedDict):
    """An environment on disk."""

    key: str
    python_version: str
    lockfile_key: str
    disk_bytes: int
    built_at: str
    last_used_at: str
    pipelines: list[str]
    is_in_use: bool


class EnvironmentListAnswer(TypedDict):
    """All that the store holds."""

    environments: list[EnvironmentAnswer]
    cache_bytes: int
    total_bytes: int
    max_bytes: int | None
    unused_days: float


class PackageAnswer(TypedDict):
    """An installed package."""

    name: str
    version: str


class EnvironmentDetailAnswer(EnvironmentAnswer):
    """An environment with what it holds."""

    packages: list[PackageAnswer]


class PrunedAnswer(TypedDict):
    """What went."""

    environments: list[str]
    has_cleared_cache: bool
    freed_bytes: int


def show_environments(as_json: JsonOption = False, server: ServerOption = DEFAULT_SERVER) -> None:
    """List the environments on disk, the one used last first.

    DISK is an environment's share: a file that several of them or the package cache hold counts for each
    in part, so that all add up to the total.
    """

    async def work(client: "Client") -> EnvironmentListAnswer:
        return cast(EnvironmentListAnswer, await client.get("api/environments"))

    found = ask(server, work)
    if as_json:
        emit_json(found)
        return
    if found["environments"]:
        emit_table(
            ("KEY", "PYTHON", "DISK", "BUILT", "LAST USED", "PIPELINES"),
            [
                (
                    each["key"][:_SHOWN],
                    each["python_version"],
                    format_bytes(each["disk_bytes"]),
                    when(each["built_at"]),
                    when(each["last_used_at"]),
                    ", ".join(each["pipelines"]) or ("an active run" if each["is_in_use"] else "-"),
                )
                for each in found["environments"]
            ],
        )
    limit = found["max_bytes"]
    of = f" of {format_bytes(limit)} allowed" if limit is not None else ""
    say(
        f"{len(found['environments'])} environments; with a cache of {format_bytes(found['cache_bytes'])} "
        f"they take {format_bytes(found['total_bytes'])}{of}"
    )


def show(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its key, or how that begins.")],
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Show one environment with its packages."""

    async def work(client: "Client") -> EnvironmentDetailAnswer:
        return cast(
            EnvironmentDetailAnswer, await client.get(f"api/environments/{await _whole_key(client, key)}")
        )

    found = ask(server, work)
    if as_json:
        emit_json(found)
        return
    emit_pairs(
        [
            ("key", found["key"]),
            ("python", found["python_version"]),
            ("lockfile", found["lockfile_key"] or "-"),
            ("disk", format_bytes(found["disk_bytes"])),
            ("built", when(found["built_at"])),
            ("last used", when(found["last_used_at"])),
            ("pipelines", ", ".join(found["pipelines"]) or "-"),
            ("in use", "yes" if found["is_in_use"] else "no"),
        ]
    )
    if found["packages"]:
        emit("")
        emit_table(("PACKAGE", "VERSION"), [(each["name"], each["version"]) for each in found["packages"]])


def prune(
    unused_for: Annotated[
        str | None,
        typer.Option(
            "--unused-for",
            metavar="DURATION",
            help="Those that nobody asked for in that long, such as 7d or 12h. Else as the settings say.",
        ),
    ] = None,
    all_unused: Annotated[bool, typer.Option("--all", help="All that are not in use.")] = False,
    clears_cache: Annotated[
        bool, typer.Option("--cache", help="The package cache too; the next builds download again.")
    ] = False,
    is_rehearsal: Annotated[
        bool, typer.Option("--dry-run", help="Delete nothing, only say what would go.")
    ] = False,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Delete environments that nobody needs; an admin's task.

    Never one of a present pipeline or an active run, or one that was asked for within two hours. A run
    that needs a deleted one builds it again from its lockfile.
    """
    if all_unused and unused_for is not None:
        raise CommandFailed(ExitCode.USAGE, "--all and --unused-for contradict each other; give one of them.")
    seconds = 0 if all_unused else None if unused_for is None else read_seconds("--unused-for", unused_for)
    body = {
        "unused_days": None if seconds is None else seconds / 86_400,
        "clears_cache": clears_cache,
        "is_rehearsal": is_rehearsal,
    }

    async def work(client: "Client") -> PrunedAnswer:
        return cast(
            PrunedAnswer, await client.post("api/environments/prune", body, patience_seconds=_PRUNING_SECONDS)
        )

    found = ask(server, work)
    if as_json:
        emit_json(found)
        return
    for each in found["environments"]:
        emit(each[:_SHOWN])
    verb = "would go" if is_rehearsal else "deleted"
    cache = ", the package cache too" if found["has_cleared_cache"] else ""
    say(f"{len(found['environments'])} environments {verb}{cache}: {format_bytes(found['freed_bytes'])}")


async def _whole_key(client: "Client", meant: str) -> str:
    """Return the key that begins so.

    Raises:
        CommandFailed: none does, or several do.
    """
    listed = cast(EnvironmentListAnswer, await client.get("api/environments"))
    found = [each["key"] for each in listed["environments"] if each["key"].startswith(meant.lower())]
    if len(found) == 1:
        return found[0]
    problem = "several environments begin" if found else "no environment's key begins"
    raise CommandFailed(
        ExitCode.NOT_FOUND, f"{problem} with {meant!r}. `fastflow env` lists those on the server's disk."
    )


environments.listing(show_environments, examples("fastflow env", "fastflow env --json"))
environments.verb("ls", show_environments, examples("fastflow env ls"))
environments.verb("show", show, examples("fastflow env show 3f9a1c"))
environments.verb(
    "prune",
    prune,
    examples(
        "fastflow env prune --dry-run",
        "fastflow env prune --unused-for 7d",
        "fastflow env prune --all --cache",
    ),
)
