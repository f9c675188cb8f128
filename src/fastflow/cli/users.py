"""`fastflow users`: the people who may sign in."""

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from fastflow.cli.failures import failure_of
from fastflow.cli.moments import when
from fastflow.cli.nouns import Noun
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import Cell, emit, emit_json, emit_table, say
from fastflow.cli.people import ASKED_FOR, PasswordOption, UserAnswer, YesOption
from fastflow.cli.secret_input import read_line, require_yes
from fastflow.cli.server_settings import read_settings
from fastflow.cli.session import ask, run_async
from fastflow.domain.errors import FastFlowError
from fastflow.domain.role import Role

if TYPE_CHECKING:
    from fastflow.cli.client import Client

users = Noun("The people who may sign in, for administrators. `fastflow users` lists them.")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The user's name.")]


def list_users(as_json: JsonOption = False, server: ServerOption = DEFAULT_SERVER) -> None:
    """List the people who may sign in."""

    async def work(client: "Client") -> list[UserAnswer]:
        return (await client.get("api/users"))["users"]

    found = ask(server, work)
    if as_json:
        emit_json({"users": found})
    elif found:
        emit_table(("NAME", "ROLE", "STATE", "PASSWORD", "ADDED", "SIGNED IN"), [_row(one) for one in found])
    else:
        say("There are no accounts yet. `fastflow setup` makes the first.")


def add(
    name: NameArgument,
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.VIEWER,
    without_password: Annotated[
        bool, typer.Option("--without-password", help="They sign in by GitHub or another provider only.")
    ] = False,
    password: PasswordOption = ASKED_FOR,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Admit somebody. A viewer looks, an operator starts runs too, an editor changes, an admin admits."""
    secret = None if without_password else _new_password(password)
    body = {"name": name, "role": role.value, "password": secret}

    async def work(client: "Client") -> UserAnswer:
        return cast(UserAnswer, await client.post("api/users", body))

    _report(ask(server, work), "is admitted", as_json=as_json)


def role(
    name: NameArgument,
    role: Annotated[Role, typer.Argument(metavar="ROLE", help="viewer, operator, editor or admin.")],
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Let somebody do more, or less; it counts at once, for their tokens too."""
    _report(_change(server, name, {"role": role.value}), "has a new role", as_json=as_json)


def disable(name: NameArgument, as_json: JsonOption = False, server: ServerOption = DEFAULT_SERVER) -> None:
    """Sign somebody out everywhere and let them in no more; their tokens rest."""
    _report(_change(server, name, {"is_enabled": False}), "is disabled", as_json=as_json)


def enable(name: NameArgument, as_json: JsonOption = False, server: ServerOption = DEFAULT_SERVER) -> None:
    """Let somebody in again who was disabled."""
    _report(_change(server, name, {"is_enabled": True}), "is enabled", as_json=as_json)


def password(
    name: NameArgument,
    password: PasswordOption = ASKED_FOR,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Give somebody another password. It signs them out everywhere."""
    changed = _change(server, name, {"password": _new_password(password)})
    _report(changed, "has a new password and was signed out everywhere", as_json=as_json)


def rm(
    name: NameArgument,
    yes: YesOption = False,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Remove somebody, with all their sessions and tokens."""
    require_yes(f"Remove {name}, with all their tokens?", is_given=yes)

    async def work(client: "Client") -> UserAnswer:
        return cast(UserAnswer, await client.delete(f"api/users/{name}"))

    removed = ask(server, work)
    if as_json:
        emit_json(removed)
    else:
        emit(f"{removed['name']} is removed")


def reset_password(
    name: NameArgument, password: PasswordOption = ASKED_FOR, as_json: JsonOption = False
) -> None:
    """Set a password on the server's own machine, when nobody can sign in who could.

    Works directly on the database that the settings name, as `fastflow up` reads them; the server may run.
    Run it as the user that the server runs as. It signs them out everywhere and is in the audit log.
    """
    settings, secret = read_settings({}), _new_password(password)
    from fastflow.main.password_reset import reset_password

    try:
        user = run_async(reset_password(settings, name, secret))
    except FastFlowError as error:
        raise failure_of(error) from error
    if as_json:
        emit_json({"id": user.id, "name": user.name, "role": user.role, "is_enabled": user.is_enabled})
    else:
        emit(f"{user.name} ({user.role}) has a new password and was signed out everywhere")
    if not user.is_enabled:
        say(f"{user.name} is disabled: an administrator has to type fastflow users enable {user.name}")


def _new_password(place: str) -> str:
    return read_line("--password-file", place, "Password", is_new=True)


def _change(server: str, name: str, body: dict[str, Any]) -> UserAnswer:
    async def work(client: "Client") -> UserAnswer:
        return cast(UserAnswer, await client.patch(f"api/users/{name}", body))

    return ask(server, work)


def _report(user: UserAnswer, what: str, *, as_json: bool) -> None:
    if as_json:
        emit_json(user)
    else:
        emit(f"{user['name']} ({user['role']}) {what}")


def _row(user: UserAnswer) -> tuple[Cell | str, ...]:
    return (
        user["name"],
        user["role"],
        "enabled" if user["is_enabled"] else Cell("disabled", "red"),
        "yes" if user["has_password"] else "no",
        when(user["created_at"]),
        when(user["signed_in_at"]),
    )


users.listing(list_users, examples("fastflow users", "fastflow users --json | jq -r '.users[].name'"))
users.verb(
    "add",
    add,
    examples(
        "fastflow users add ben --role operator",
        "fastflow users add ci --role operator --password-file ci-password",
        "fastflow users add carla --without-password",
    ),
)
users.verb("role", role, examples("fastflow users role ben editor"))
users.verb("disable", disable, examples("fastflow users disable ben"))
users.verb("enable", enable, examples("fastflow users enable ben"))
users.verb("password", password, examples("fastflow users password ben"))
users.verb("rm", rm, examples("fastflow users rm ben", "fastflow users rm ben --yes --json"))
users.verb(
    "reset-password",
    reset_password,
    examples(
        "fastflow users reset-password anna",
        "FASTFLOW_DATA_DIR=/var/lib/fastflow fastflow users reset-password anna",
    ),
)
