"""`fastflow login` and `fastflow logout`: being known to a server on this machine."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.moments import ahead
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit, emit_json, say
from fastflow.cli.people import ASKED_FOR, OnlyHereOption, PasswordOption
from fastflow.cli.secret_input import read_line, read_name
from fastflow.cli.session import ask_at

if TYPE_CHECKING:
    from fastflow.cli.client import Client
    from fastflow.cli.signing_in import Entered

LOGIN_EXAMPLES = examples(
    "fastflow login",
    "fastflow login --server https://fastflow.example.org --name anna",
    "fastflow login --server https://staging.example.org --profile staging",
    "fastflow login --name anna --password-file ~/.fastflow-password",
    "fastflow login --provider github",
)
LOGOUT_EXAMPLES = examples(
    "fastflow logout",
    "fastflow logout --everywhere",
    "FASTFLOW_PROFILE=staging fastflow logout --json",
)


def login(
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Who you are; else you are asked.")] = None,
    password: PasswordOption = ASKED_FOR,
    provider: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Sign in by the browser there: github, oidc. No password."),
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only print what to open; with --provider.")
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option(
            envvar="FASTFLOW_PROFILE",
            metavar="NAME",
            help="Remember it by this name; else the server's.",
        ),
    ] = None,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Sign in by name and password or by a provider, and stay signed in on this machine for 30 days.

    Commands ask this server from then on, unless --server, FASTFLOW_SERVER or FASTFLOW_PROFILE name another.
    The password is not kept. A token is, in ~/.config/fastflow/profiles.json, which only you can read, and
    only this server ever gets it.
    """
    from fastflow.cli import profiles
    from fastflow.cli.credential import LOCAL, Place, read_address, refuse_plain
    from fastflow.cli.signing_in import by_code, by_password, enter, refuse_without_accounts

    if provider is not None and (name is not None or password != ASKED_FOR):
        raise CommandFailed(ExitCode.USAGE, "--provider asks there who you are: leave name and password out.")
    if no_browser and provider is None:
        raise CommandFailed(ExitCode.USAGE, "--no-browser goes with --provider.")
    known = profiles.read()
    before = known.by_name.get(profile or known.current or "")
    place = Place(read_address(server or (before.server if before is not None else LOCAL)), None)
    refuse_plain(
        place.address, "your password is not sent to it" if provider is None else "no sign-in goes there"
    )
    refuse_without_accounts(place)
    if provider is not None:
        from fastflow.cli.browser_sign_in import sign_in_by_browser

        sign_in = by_code(*sign_in_by_browser(place, provider, opens_browser=not no_browser))
    else:
        who = read_name(name, "Name")
        sign_in = by_password(who, read_line("--password-file", password, "Password"))
    report_entered(enter(place, sign_in, profile), as_json=as_json)


def report_entered(entered: "Entered", *, as_json: bool) -> None:
    """Tell who is signed in where."""
    from fastflow.cli.credential import VARIABLE

    profile = entered.profile
    if as_json:
        emit_json(entered.facts())
    else:
        emit(f"signed in at {profile.server} as {profile.user} ({entered.role})")
        say(
            f"Commands ask {profile.server} from now on. This ends with `fastflow logout`, or by itself: "
            f"{ahead(profile.expires_at)}"
        )
    if os.environ.get(VARIABLE):
        say(f"{VARIABLE} is set, and commands send it instead: unset it to be {profile.user}.")


def logout(
    everywhere: Annotated[
        bool,
        typer.Option("--everywhere", help="Also of all browsers and other machines. API tokens go on."),
    ] = False,
    only_here: OnlyHereOption = False,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Sign out: the server forgets this machine's token, and so does this machine."""
    from fastflow.cli.credential import inside, signed_in_at
    from fastflow.cli.signing_in import forget, leave

    found = signed_in_at(server)
    if found is None:
        raise CommandFailed(ExitCode.FAILED, "You are not signed in" + (f" at {server}." if server else "."))
    name, profile = found
    if everywhere and only_here:
        raise CommandFailed(ExitCode.USAGE, "--everywhere and --only-here exclude each other.")
    if everywhere:
        ask_at(inside(name, profile), _end_all)
        forget(name)
    else:
        leave(name, profile, only_here=only_here)
    if as_json:
        emit_json(
            {
                "server": profile.server,
                "user": profile.user,
                "profile": name,
                "everywhere": everywhere,
                "only_here": only_here,
            }
        )
    else:
        where = " everywhere" if everywhere else ""
        emit(f"signed out of {profile.server}{where}: {profile.user}")


async def _end_all(client: "Client") -> None:
    await client.post("api/auth/logout-everywhere")
