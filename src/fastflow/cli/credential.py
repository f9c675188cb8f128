"""Decides which server a command asks and with which credential: a credential goes to its own server only."""

import os
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final, NamedTuple

from yarl import URL

from fastflow.cli import profiles
from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.profiles import Profile

LOCAL: Final = "http://127.0.0.1:8000"
VARIABLE: Final = "FASTFLOW_TOKEN"


@dataclass(frozen=True, slots=True)
class Credential:
    """What says who one is."""

    token: str = field(repr=False)
    profile: str | None
    """The name of the profile that it is from; None: it is that of FASTFLOW_TOKEN."""


class Place(NamedTuple):
    """A server and how to come in."""

    address: URL
    credential: Credential | None


def place_of(server: str) -> Place:
    """Return the server that is meant, with the credential that is for it; '': where one signed in last.

    FASTFLOW_TOKEN wins over all profiles: it is meant for the server that is named beside it.

    Raises:
        CommandFailed: it is no address, or others could read the credential on its way there.
    """
    token = os.environ.get(VARIABLE, "").strip()
    if token:
        if not token.isascii() or not token.isprintable():
            raise CommandFailed(ExitCode.USAGE, f"{VARIABLE} holds characters that no token has.")
        address = read_address(server or LOCAL)
        refuse_plain(address, f"{VARIABLE} is not sent to it")
        return Place(address, Credential(token, None))
    found = signed_in_at(server)
    return inside(*found) if found is not None else Place(read_address(server or LOCAL), None)


def signed_in_at(server: str) -> tuple[str, Profile] | None:
    """Return the profile for a server, with its name; '': the chosen one.

    Raises:
        CommandFailed: as `Profiles.chosen`; or the server is no address.
    """
    known = profiles.read()
    chosen = known.chosen()
    if not server:
        return chosen
    address = read_address(server)
    candidates = [chosen] if chosen is not None else []
    if not os.environ.get(profiles.CHOICE, "").strip():  # one that was asked for is that or none
        candidates += known.by_name.items()
    return next((each for each in candidates if read_address(each[1].server) == address), None)


def inside(name: str, profile: Profile) -> Place:
    """Return the server of a profile, with its credential."""
    return Place(read_address(profile.server), Credential(profile.token, name))


def read_address(server: str) -> URL:
    """Return an address in the one form in which addresses are compared.

    Raises:
        CommandFailed: that is no address.
    """
    try:
        address = URL(server if "://" in server else f"http://{server}")
    except ValueError:
        address = URL()
    if address.scheme not in {"http", "https"} or not address.host:
        raise CommandFailed(
            ExitCode.USAGE, f"--server: {server!r} is no address; write it as http://127.0.0.1:8000."
        )
    if address.user is not None or address.password is not None:
        raise CommandFailed(
            ExitCode.USAGE,
            "--server: an address holds no name or password; others can see it. Use fastflow login.",
        )
    return address.origin().with_path(address.path.rstrip("/") or "/")


def is_loopback(address: URL) -> bool:
    """Whether what is sent there stays on this machine."""
    host = address.host or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_plain(address: URL, consequence: str) -> None:
    """Refuse an address on the way to which others can read what is sent.

    Raises:
        CommandFailed: says what is not done.
    """
    if address.scheme == "https" or is_loopback(address):
        return
    raise CommandFailed(
        ExitCode.USAGE,
        f"{shown(address)} is plain http to another machine, where others can read along: {consequence}. "
        "Name the server by https (docs/how-to/run-behind-a-proxy.md), or reach it through a tunnel: "
        f"ssh -L 8000:127.0.0.1:{address.port} {address.host}, and --server {LOCAL}.",
    )


def login_command(address: URL) -> str:
    """Return what to type to sign in there."""
    return typed("fastflow login", address)


def typed(command: str, address: URL) -> str:
    """Return what to type to give that command there."""
    return command if shown(address) == LOCAL else f"{command} --server {shown(address)}"


def shown(address: URL) -> str:
    """Return an address as people write it."""
    return str(address).rstrip("/")
