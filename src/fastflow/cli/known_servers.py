"""`fastflow profiles`: the servers where one is signed in from this machine."""

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fastflow.cli.moments import ahead
from fastflow.cli.nouns import Noun
from fastflow.cli.options import JsonOption, examples
from fastflow.cli.output import emit, emit_json, emit_table, say
from fastflow.cli.people import OnlyHereOption

if TYPE_CHECKING:
    from fastflow.cli.profiles import Profile, Profiles

profiles = Noun("The servers where you are signed in from this machine. `fastflow profiles` lists them.")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="As the list shows it.")]


def list_profiles(as_json: JsonOption = False) -> None:
    """List where you are signed in, and which of it commands use; asks no server."""
    from fastflow.cli.profiles import CHOICE, read

    known = read()
    current = os.environ.get(CHOICE, "").strip() or known.current
    if as_json:
        emit_json({"profiles": [_facts(name, each, current) for name, each in known.by_name.items()]})
    elif known.by_name:
        emit_table(
            ("NAME", "SERVER", "USER", "ENDS", ""),
            [
                (name, each.server, each.user, ahead(each.expires_at), "current" if name == current else "")
                for name, each in known.by_name.items()
            ],
        )
    else:
        say("You are signed in nowhere. Sign in with: fastflow login --server URL")


def use(name: NameArgument, as_json: JsonOption = False) -> None:
    """Let commands ask this server from now on."""
    from fastflow.cli.profiles import CHOICE, read, write

    known = read()
    profile = _existing(known, name)
    write(known.choosing(name))
    if as_json:
        emit_json(_facts(name, profile, name))
    else:
        emit(f"commands ask {profile.server} as {profile.user} from now on")
    if os.environ.get(CHOICE, "").strip() not in {"", name}:
        say(f"{CHOICE} is set, and commands use that: unset it to use {name}.")


def rm(name: NameArgument, only_here: OnlyHereOption = False, as_json: JsonOption = False) -> None:
    """Sign out there, and forget it."""
    from fastflow.cli.profiles import read
    from fastflow.cli.signing_in import leave

    known = read()
    profile = _existing(known, name)
    leave(name, profile, only_here=only_here)
    if as_json:
        emit_json(_facts(name, profile, None))
    else:
        emit(f"signed out of {profile.server}: {profile.user}")
    if name == known.current and len(known.by_name) > 1:
        say("Commands use none of the others by themselves: choose one with fastflow profiles use NAME")


def _existing(known: "Profiles", name: str) -> "Profile":
    from fastflow.cli.profiles import unknown

    if name not in known.by_name:
        raise unknown(name)
    return known.by_name[name]


def _facts(name: str, profile: "Profile", current: str | None) -> dict[str, Any]:
    """Return what programs are told: all but the token."""
    return {
        "name": name,
        "server": profile.server,
        "user": profile.user,
        "expires_at": profile.expires_at,
        "is_current": name == current,
    }


profiles.listing(list_profiles, examples("fastflow profiles", "fastflow profiles --json"))
profiles.verb("use", use, examples("fastflow profiles use staging"))
profiles.verb("rm", rm, examples("fastflow profiles rm staging", "fastflow profiles rm old --only-here"))
