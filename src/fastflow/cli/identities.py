"""`fastflow identities`: people who sign in by GitHub or another provider."""

from typing import TYPE_CHECKING, Annotated, TypedDict, cast

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.moments import when
from fastflow.cli.nouns import Noun
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit, emit_json, emit_table, say
from fastflow.cli.secret_input import require_yes
from fastflow.cli.session import ask

if TYPE_CHECKING:
    from fastflow.cli.client import Client

identities = Noun("People who sign in by GitHub or another provider. `fastflow identities` lists them.")

WhoArgument = Annotated[
    str, typer.Argument(metavar="WHO", help="As the list shows it, PROVIDER/LOGIN; or the id.")
]


class IdentityAnswer(TypedDict):
    """Somebody whom a provider vouched for, as far as the console reads it."""

    id: str
    provider: str
    issuer: str
    subject: str
    login: str
    name: str | None
    email: str | None
    status: str
    user: str | None
    seen_at: str


def list_identities(
    pending: Annotated[bool, typer.Option("--pending", help="Only those who wait for an admin.")] = False,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """List who has signed in by a provider: who waits, who is a user, who is refused."""
    found = [each for each in ask(server, _all) if not pending or each["status"] == "pending"]
    if as_json:
        emit_json({"identities": found})
    elif found:
        emit_table(
            ("WHO", "NAME", "E-MAIL", "STATUS", "USER", "LAST SEEN"),
            [
                (
                    _who(each),
                    each["name"] or "-",
                    each["email"] or "-",
                    each["status"],
                    each["user"] or "-",
                    when(each["seen_at"]),
                )
                for each in found
            ],
        )
    else:
        say("Nobody waits." if pending else "Nobody has signed in by a provider yet.")


def admit(
    who: WhoArgument,
    role: Annotated[
        str | None, typer.Option(metavar="ROLE", help="Of a new user: viewer, operator, editor or admin.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="What to call the new user. Default: as there.")
    ] = None,
    user: Annotated[
        str | None, typer.Option(metavar="USER", help="Let them be this user, who exists already.")
    ] = None,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Let somebody in: as a new user with a role, or as a user that there is."""
    if (role is None) == (user is None) or (user is not None and name is not None):
        raise CommandFailed(
            ExitCode.USAGE, "Write --role viewer to make a new user, or --user NAME for one that there is."
        )
    body = {"role": role, "name": name, "user": user}

    async def work(client: "Client") -> IdentityAnswer:
        found = await _one(client, who)
        given = {field: value for field, value in body.items() if value is not None}
        return cast(IdentityAnswer, await client.post(f"api/identities/{found['id']}/admit", given))

    admitted = ask(server, work)
    emit(f"{_who(admitted)} is the user {admitted['user']} from now on")


def refuse(
    who: WhoArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Keep somebody out. Where they are a user, that user is signed out and has to sign in another way."""
    require_yes(f"Keep {who} out?", is_given=yes)

    async def work(client: "Client") -> IdentityAnswer:
        found = await _one(client, who)
        return cast(IdentityAnswer, await client.post(f"api/identities/{found['id']}/refuse", {}))

    emit(f"{_who(ask(server, work))} is refused from now on")


def forget(
    who: WhoArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Make somebody a stranger again, who may ask to be admitted."""
    require_yes(f"Forget {who}?", is_given=yes)

    async def work(client: "Client") -> IdentityAnswer:
        found = await _one(client, who)
        await client.delete(f"api/identities/{found['id']}")
        return found

    emit(f"{_who(ask(server, work))} is forgotten")


async def _all(client: "Client") -> list[IdentityAnswer]:
    return (await client.get("api/identities"))["identities"]


async def _one(client: "Client", who: str) -> IdentityAnswer:
    """Return who is meant. Two people can have the same login: one after the other at the same provider."""
    found = [each for each in await _all(client) if who in (each["id"], _who(each))]
    if not found:
        raise CommandFailed(
            ExitCode.NOT_FOUND, f"Nobody {who} has signed in. `fastflow identities` lists who has."
        )
    if len(found) > 1:
        listed = "; ".join(f"{each['id']} (subject {each['subject']})" for each in found)
        raise CommandFailed(ExitCode.USAGE, f"{who} is several people; write the id of one: {listed}.")
    return found[0]


def _who(identity: IdentityAnswer) -> str:
    return f"{identity['provider']}/{identity['login']}"


identities.listing(
    list_identities,
    examples("fastflow identities", "fastflow identities --pending", "fastflow identities --json"),
)
identities.verb(
    "admit",
    admit,
    examples(
        "fastflow identities admit github/octocat --role viewer",
        "fastflow identities admit oidc/alice --user alice",
    ),
)
identities.verb("refuse", refuse, examples("fastflow identities refuse github/octocat"))
identities.verb("forget", forget, examples("fastflow identities forget github/octocat --yes"))
