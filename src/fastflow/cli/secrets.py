"""`fastflow secrets`: values that runs receive, and that nobody sees again."""

from typing import TYPE_CHECKING, Annotated, TypedDict, cast

import typer

from fastflow.cli.moments import when
from fastflow.cli.nouns import Noun
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit, emit_json, emit_table, say
from fastflow.cli.secret_input import read_secret, require_yes
from fastflow.cli.session import ask

if TYPE_CHECKING:
    from fastflow.cli.client import Client

secrets = Noun(
    "Secrets: stored encrypted, handed only to runs of pipelines whose manifest lists them, masked in logs. "
    "Values are read from a pipe, a file or a hidden prompt, never from the command line."
)

_ROTATION_SECONDS = 3600.0

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Its name; the variable is called so too.")]
PipelineOption = Annotated[
    str | None, typer.Option("--pipeline", metavar="NAME", help="For this pipeline alone. Else for all.")
]
FileOption = Annotated[
    str,
    typer.Option(
        "--file", metavar="PATH", help="File that holds the value; -: a pipe, or asked for without an echo."
    ),
]


class SecretAnswer(TypedDict):
    """A stored secret; never its value."""

    name: str
    pipeline_name: str | None
    created_at: str
    changed_at: str
    last_used_at: str | None
    last_run_id: str | None


class NeedAnswer(TypedDict):
    """A ciphertext in a manifest that the newest key does not open."""

    pipeline_name: str
    field: str
    is_lost: bool


class RotationAnswer(TypedDict):
    """What came of a rotation."""

    has_new_key: bool
    renewed: dict[str, int]
    unreadable: list[str]
    manifests: list[NeedAnswer]
    former_keys: int
    advice: str


def show_secrets(
    pipeline: Annotated[
        str | None, typer.Option("--pipeline", metavar="NAME", help="Only those that it may list.")
    ] = None,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """List names, and when each was written and used last; never values."""

    async def work(client: "Client") -> list[SecretAnswer]:
        return (await client.get("api/secrets", {"pipeline_name": pipeline}))["secrets"]

    found = ask(server, work)
    if as_json:
        emit_json({"secrets": found})
    elif not found:
        say("No secret is stored. `fastflow secrets set NAME` stores one.")
    else:
        emit_table(
            ("NAME", "FOR", "WRITTEN", "LAST USED", "BY RUN"),
            [
                (
                    secret["name"],
                    secret["pipeline_name"] or "all",
                    when(secret["changed_at"]),
                    when(secret["last_used_at"]),
                    secret["last_run_id"] or "-",
                )
                for secret in found
            ],
        )


def set_secret(
    name: NameArgument,
    pipeline: PipelineOption = None,
    file: FileOption = "-",
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Store a value, in place of the one there was; blanks around it are left out.

    A pipeline receives it when its manifest lists the name in `secrets`. Its own value wins over the one
    for all. Attempts that start from now on get it.
    """
    body = {"value": read_secret("--file", file, f"Value of {name}")}

    async def work(client: "Client") -> SecretAnswer:
        query = {"pipeline_name": pipeline}
        return cast(SecretAnswer, await client.put(f"api/secrets/{name}", body, query))

    stored = ask(server, work)
    if as_json:
        emit_json(stored)
    else:
        emit(f"{_named(stored['name'], stored['pipeline_name'])} is stored")


def remove(
    name: NameArgument,
    pipeline: PipelineOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Delete a secret. Pipelines that list it are not started any more; those that run keep it."""
    require_yes(f"Delete {_named(name, pipeline)}?", is_given=yes)

    async def work(client: "Client") -> None:
        await client.delete(f"api/secrets/{name}", {"pipeline_name": pipeline})

    ask(server, work)
    emit(f"{_named(name, pipeline)} is deleted")


def encrypt(file: FileOption = "-", server: ServerOption = DEFAULT_SERVER) -> None:
    """Print the ciphertext of a value, for `encrypted_env` in a manifest. Nothing is stored.

    Only the server that encrypted it can read it.
    """
    body = {"value": read_secret("--file", file, "Value")}

    async def work(client: "Client") -> str:
        return (await client.post("api/secrets/encrypt", body))["ciphertext"]

    emit(ask(server, work))


def rotate(
    drop_former_keys: Annotated[
        bool,
        typer.Option(
            "--drop-former-keys", help="Also where manifests need them: what these hold is lost then."
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Encrypt all that is stored with a new key, while the server goes on.

    The installation's own key is replaced by a new one. Keys of ENCRYPTION_KEY are yours to replace: put the
    new one first (NEW,OLD), restart, and rotate. Interrupted, it goes on when it is called again.
    """
    if drop_former_keys:
        require_yes("Drop the former keys, whatever needs them?", is_given=yes)

    async def work(client: "Client") -> RotationAnswer:
        asked = {"drops_former_keys": drop_former_keys}
        return cast(
            RotationAnswer,
            await client.post("api/secrets/rotate", asked, patience_seconds=_ROTATION_SECONDS),
        )

    found = ask(server, work)
    if as_json:
        emit_json(found)
        return
    emit(f"{sum(found['renewed'].values())} values are encrypted with the newest key")
    for place in found["unreadable"]:
        say(f"No key opens {place}: store it again.")
    for need in found["manifests"]:
        trouble = "no key opens it" if need["is_lost"] else "it needs a former key"
        say(f"{need['pipeline_name']}: {need['field']}: {trouble}.")
    if found["advice"]:
        say(found["advice"])


def _named(name: str, pipeline: str | None) -> str:
    return f"secret {name} of {pipeline}" if pipeline else f"secret {name}"


secrets.listing(show_secrets, examples("fastflow secrets", "fastflow secrets --pipeline report --json"))
secrets.verb("ls", show_secrets, examples("fastflow secrets ls"))
secrets.verb(
    "set",
    set_secret,
    examples(
        "fastflow secrets set DB_PASSWORD",
        "pass show db | fastflow secrets set DB_PASSWORD --pipeline report",
        "fastflow secrets set SERVICE_ACCOUNT --file account.json",
    ),
)
secrets.verb("rm", remove, examples("fastflow secrets rm DB_PASSWORD --pipeline report"))
secrets.verb(
    "encrypt", encrypt, examples("fastflow secrets encrypt", "fastflow secrets encrypt --file token")
)
secrets.verb("rotate", rotate, examples("fastflow secrets rotate"))
