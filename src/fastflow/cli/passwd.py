"""`fastflow passwd`: another password for oneself."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit, emit_json, say
from fastflow.cli.people import ASKED_FOR, UserAnswer
from fastflow.cli.secret_input import read_line
from fastflow.cli.session import ask_at

if TYPE_CHECKING:
    from fastflow.cli.client import Client

EXAMPLES = examples(
    "fastflow passwd",
    "fastflow passwd --password-file old --new-password-file new",
    "cat old new | fastflow passwd",
)


def passwd(
    password: Annotated[
        str,
        typer.Option(
            "--password-file",
            metavar="FILE",
            help="The present password is the file's first line; -: asked for hidden, or a pipe's next line.",
        ),
    ] = ASKED_FOR,
    new_password: Annotated[
        str,
        typer.Option("--new-password-file", metavar="FILE", help="The new one, likewise."),
    ] = ASKED_FOR,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Give yourself another password. It signs you out everywhere but here; API tokens go on.

    Who has forgotten theirs asks an administrator: fastflow users password.
    """
    from fastflow.cli import profiles
    from fastflow.cli.credential import inside, login_command, read_address, signed_in_at
    from fastflow.cli.signing_in import by_password, enter

    found = signed_in_at(server)
    if found is None:
        raise CommandFailed(ExitCode.FAILED, "You are not signed in. Sign in with: fastflow login")
    name, profile = found
    present = read_line("--password-file", password, "Present password")
    new = read_line("--new-password-file", new_password, "New password", is_new=True)

    async def work(client: "Client") -> UserAnswer:
        return cast(UserAnswer, await client.post("api/auth/password", {"current": present, "new": new}))

    place, current = inside(name, profile), profiles.read().current
    user = ask_at(place, work)
    try:
        enter(place._replace(credential=None), by_password(user["name"], new), name)
        if current is not None:  # it need not be the one whose password this is
            profiles.write(profiles.read().choosing(current))
    except CommandFailed as failure:
        failure.message = (
            f"The password was changed, but this console was signed out, too: {failure.message}\n"
            f"Sign in again with: {login_command(read_address(profile.server))}"
        )
        raise
    if as_json:
        emit_json(user)
    else:
        emit(f"{user['name']} has a new password")
        say("You were signed out of all other browsers and consoles.")
