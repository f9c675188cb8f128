"""Signs a person in and keeps a token of this machine's own: sessions are for browsers."""

import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict, cast

from fastflow.cli import profiles
from fastflow.cli.credential import Place, inside, shown, typed
from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.people import NewTokenAnswer
from fastflow.cli.profiles import Profile
from fastflow.cli.session import ask_at
from fastflow.domain.console import machine_name

if TYPE_CHECKING:
    from fastflow.cli.client import Client

SignIn = Callable[["Client"], Awaitable[Any]]
"""Asks a server for a session; returns it."""


class SetUpAnswer(TypedDict):
    """Whether somebody has to make the first account."""

    is_needed: bool
    is_open: bool


class Entered(NamedTuple):
    """Somebody who has signed in."""

    profile_name: str
    profile: Profile
    role: str

    def facts(self) -> dict[str, Any]:
        """Return what programs are told: all but the token."""
        return {
            "server": self.profile.server,
            "user": self.profile.user,
            "role": self.role,
            "profile": self.profile_name,
            "expires_at": self.profile.expires_at,
        }


def set_up_state(place: Place) -> SetUpAnswer:
    """Ask a server whether it has accounts."""

    async def work(client: "Client") -> SetUpAnswer:
        return cast(SetUpAnswer, await client.get("api/setup"))

    return ask_at(place, work)


def refuse_without_accounts(place: Place) -> None:
    """Go on if there are accounts.

    Raises:
        CommandFailed: there are none yet.
    """
    state = set_up_state(place)
    if not state["is_needed"]:
        return
    set_up = typed("fastflow setup", place.address)
    raise CommandFailed(
        ExitCode.REFUSED,
        f"There are no accounts at {shown(place.address)} yet, and everybody on its machine may do "
        f"everything. The first account changes that; make it with: {set_up}"
        if state["is_open"]
        else f"Nobody can sign in at {shown(place.address)} yet. Make the first administrator with: {set_up}",
    )


def by_password(name: str, password: str) -> SignIn:
    """Return what signs in by name and password."""

    async def work(client: "Client") -> Any:
        return await client.post("api/auth/login", {"name": name, "password": password})

    return work


def by_code(code: str, verifier: str) -> SignIn:
    """Return what signs in by the code that a browser brought."""

    async def work(client: "Client") -> Any:
        return await client.post("api/auth/console/session", {"code": code, "verifier": verifier})

    return work


def enter(place: Place, sign_in: SignIn, profile_name: str | None) -> Entered:
    """Sign in and remember it, as the current profile; a token that this profile had before is revoked."""

    async def work(client: "Client") -> NewTokenAnswer:
        session = await sign_in(client)
        try:
            as_person = {"Authorization": f"Bearer {session['access_token']}"}
            wish = {"name": f"console on {machine_name(socket.gethostname())}", "kind": "console"}
            return cast(NewTokenAnswer, await client.post("api/tokens", wish, as_person))
        finally:
            await client.post("api/auth/logout")  # nothing here refreshes it

    made = ask_at(place, work)
    entered = Profile(shown(place.address), made["user"], made["id"], made["expires_at"], made["token"])
    known = profiles.read()
    key = profile_name or place.address.authority
    try:
        profiles.write(known.with_profile(key, entered))
    except CommandFailed:
        revoke(key, entered)
        raise
    before = known.by_name.get(key)
    if before is not None:
        with suppress(CommandFailed):  # it may have ended, and its server may be gone
            revoke(key, before)
    return Entered(key, entered, made["role"])


def leave(name: str, profile: Profile, *, only_here: bool) -> None:
    """End a profile's token at its server, and forget the profile.

    Raises:
        CommandFailed: the server can't be asked; the profile stays.
    """
    if not only_here:
        try:
            revoke(name, profile)
        except CommandFailed as failure:
            if failure.exit_code not in (ExitCode.REFUSED, ExitCode.NOT_FOUND):
                failure.message += "\nYou are still signed in; --only-here forgets it on this machine alone."
                raise
    forget(name)


def forget(name: str) -> None:
    """Forget a profile on this machine."""
    profiles.write(profiles.read().without(name))


def revoke(profile_name: str, profile: Profile) -> None:
    """End a profile's token at its server.

    Raises:
        CommandFailed: the server refuses, or there is none.
    """

    async def work(client: "Client") -> None:
        await client.delete(f"api/tokens/{profile.token_id}")

    ask_at(inside(profile_name, profile), work)
