"""`fastflow tokens`: one's API tokens, for CI and other programs."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from fastflow.cli.moments import ahead, when
from fastflow.cli.nouns import Noun
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit, emit_json, emit_table, say
from fastflow.cli.people import NewTokenAnswer, TokenAnswer
from fastflow.cli.session import ask
from fastflow.domain.role import Role

if TYPE_CHECKING:
    from fastflow.cli.client import Client

tokens = Noun("Your API tokens, for CI and other programs. `fastflow tokens` lists them.")

_DAY_SECONDS = 86_400


def list_tokens(
    everybody: Annotated[bool, typer.Option("--everybody", help="Those of all; for administrators.")] = False,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """List tokens, never the tokens themselves, and when each was used last."""
    query = {"everybody": "true"} if everybody else None

    async def work(client: "Client") -> list[TokenAnswer]:
        return (await client.get("api/tokens", query))["tokens"]

    found = ask(server, work)
    if as_json:
        emit_json({"tokens": found})
    elif found:
        titles = ("TOKEN", "NAME", "USER", "KIND", "ENDS WITH", "ROLE", "PIPELINES", "LAST USED", "EXPIRES")
        emit_table(titles, [_row(token) for token in found])
    else:
        say("There are no tokens. `fastflow tokens add NAME` makes one.")


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    role: Annotated[Role | None, typer.Option(help="What it may do; else, and at most, as you.")] = None,
    pipeline: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="It sees and starts this pipeline only. Repeatable."),
    ] = None,
    expires_days: Annotated[int, typer.Option(min=1, max=366, help="It ends after so many days.")] = 90,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Make a token in your name, and print it this once. Programs send it from FASTFLOW_TOKEN."""
    body = {
        "name": name,
        "role": role.value if role is not None else None,
        "pipelines": pipeline or None,
        "expires_in_seconds": expires_days * _DAY_SECONDS,
    }

    async def work(client: "Client") -> NewTokenAnswer:
        return cast(NewTokenAnswer, await client.post("api/tokens", body))

    made = ask(server, work)
    if as_json:
        emit_json(made)
        return
    emit(made["token"])
    say(f"Keep this: it is not shown again. It may do what the role {made['role']} may.")
    say(f"It ends {ahead(made['expires_at'])}, or by: fastflow tokens revoke {made['id']}")


def revoke(
    token: Annotated[str, typer.Argument(metavar="TOKEN_ID", help="The token's id, as the list shows it.")],
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """End a token at once; an administrator can end those of others."""

    async def work(client: "Client") -> TokenAnswer:
        return cast(TokenAnswer, await client.delete(f"api/tokens/{token}"))

    revoked = ask(server, work)
    if as_json:
        emit_json(revoked)
    else:
        emit(f"token {revoked['id']} is revoked")


def _row(token: TokenAnswer) -> tuple[str, ...]:
    return (
        token["id"],
        token["name"],
        token["user"],
        token["kind"],
        f"…{token['hint']}",
        token["role"],
        ", ".join(token["pipelines"]) if token["pipelines"] is not None else "all",
        when(token["used_at"]),
        ahead(token["expires_at"]),
    )


tokens.listing(list_tokens, examples("fastflow tokens", "fastflow tokens --everybody --json"))
tokens.verb(
    "add",
    add,
    examples(
        "fastflow tokens add ci --role operator --pipeline report --expires-days 30",
        "FASTFLOW_TOKEN=$(fastflow tokens add ci --role operator)",
    ),
)
tokens.verb(
    "revoke",
    revoke,
    examples("fastflow tokens revoke 0190c0de-…", "fastflow tokens revoke 0190c0de-… --json | jq -r .name"),
)
