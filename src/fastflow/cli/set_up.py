"""`fastflow setup`: the first administrator of a server."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.login import report_entered
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import say
from fastflow.cli.people import ASKED_FOR, PasswordOption
from fastflow.cli.secret_input import read_line, read_name
from fastflow.cli.session import ask_at

if TYPE_CHECKING:
    from fastflow.cli.client import Client

EXAMPLES = examples(
    "fastflow setup",
    "fastflow setup --name anna --server https://fastflow.example.org",
    "cat set-up-token password | fastflow setup --name anna",
)


def set_up(
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="The administrator's name; else you are asked.")
    ] = None,
    token: Annotated[
        str,
        typer.Option(
            "--token-file",
            metavar="FILE",
            help="The set-up token is the file's first line; -: asked for hidden, or a pipe's next line.",
        ),
    ] = ASKED_FOR,
    password: PasswordOption = ASKED_FOR,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Make the first administrator, and sign in as such: from then on the server asks everybody to sign in.

    The set-up token is in the server's log, once per start. A server that only its own machine reaches asks
    for none. A pipe gives the token on a line, if one is asked for, and the password on the next.
    """
    from fastflow.cli.credential import LOCAL, Place, read_address, refuse_plain, shown, typed
    from fastflow.cli.signing_in import by_password, enter, set_up_state

    place = Place(read_address(server or LOCAL), None)
    refuse_plain(place.address, "a password is not sent to it")
    state = set_up_state(place)
    if not state["is_needed"]:
        raise CommandFailed(
            ExitCode.REFUSED,
            f"There are accounts at {shown(place.address)} already. "
            f"Sign in with: {typed('fastflow login', place.address)}",
        )
    given = None if state["is_open"] else read_line("--token-file", token, "Set-up token")
    who = read_name(name, "Name of the administrator")
    secret = read_line("--password-file", password, "Password", is_new=True)

    async def work(client: "Client") -> Any:
        body = {"name": who, "password": secret, "token": given.strip() if given is not None else None}
        return await client.post("api/setup", body)

    made = ask_at(place, work)
    say(f"made the administrator {made['name']}; {shown(place.address)} asks everybody to sign in now")
    report_entered(enter(place, by_password(made["name"], secret), None), as_json=as_json)
