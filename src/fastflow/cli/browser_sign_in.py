"""Signs in by the browser: it goes to the provider, somebody says yes there, and it brings a code back."""

import secrets
import socket
import threading
import webbrowser
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, TypedDict

from yarl import URL

from fastflow.cli.credential import Place, login_command, shown
from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.loopback import Listener
from fastflow.cli.output import say
from fastflow.cli.session import ask_at, run_async
from fastflow.domain.console import check_word, machine_name
from fastflow.domain.proof_key import challenge_of

if TYPE_CHECKING:
    from fastflow.cli.client import Client

PATIENCE: Final = timedelta(minutes=10)
"""So long the server knows of a sign-in that was begun."""


class ProviderAnswer(TypedDict):
    """Where people can sign in, as far as the console reads it."""

    name: str
    label: str
    console_address: str


class ConsoleCode(NamedTuple):
    """What is redeemed for a session."""

    code: str
    verifier: str


def sign_in_by_browser(
    place: Place, provider_name: str, *, opens_browser: bool, patience: timedelta = PATIENCE
) -> ConsoleCode:
    """Return the code that the browser brings back from that provider.

    Raises:
        CommandFailed: there is no such provider, it or somebody at the browser said no, or nobody came.
    """
    provider = _provider(place, provider_name)
    return run_async(_fetched(place, provider, opens_browser=opens_browser, patience=patience))


def _provider(place: Place, name: str) -> ProviderAnswer:
    async def work(client: "Client") -> list[ProviderAnswer]:
        return (await client.get("api/auth/providers"))["providers"]

    found = ask_at(place, work)
    if not found:
        raise CommandFailed(
            ExitCode.NOT_FOUND,
            f"Nobody can sign in by a provider at {shown(place.address)}. "
            f"Sign in by name and password: {login_command(place.address)}",
        )
    chosen = next((each for each in found if each["name"] == name), None)
    if chosen is None:
        there = ", ".join(f"{each['name']} ({each['label']})" for each in found)
        raise CommandFailed(
            ExitCode.NOT_FOUND, f"There is no provider {name!r} at {shown(place.address)}, but: {there}."
        )
    return chosen


async def _fetched(
    place: Place, provider: ProviderAnswer, *, opens_browser: bool, patience: timedelta
) -> ConsoleCode:
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    challenge = challenge_of(verifier)
    async with Listener.waiting_for(state) as listener:
        address = _address(
            provider,
            {
                "address": listener.address,
                "state": state,
                "challenge": challenge,
                "machine": machine_name(socket.gethostname()),
            },
        )
        is_opened = opens_browser and _opened(address)
        say(
            f"Sign in at {provider['label']} in the browser. It asks whether the console may; "
            f"say yes if it shows the letters {check_word(challenge)}."
        )
        say(f"{'If it does not open, open' if is_opened else 'Open'} this on this machine:\n\n  {address}\n")
        try:
            told = await listener.answer(patience)
        except TimeoutError:
            raise CommandFailed(
                ExitCode.UNAVAILABLE,
                f"Nobody came back from the browser within {patience.total_seconds() / 60:g} minutes. "
                "It has to run on this machine; where there is none, sign in by name and password, or set "
                "FASTFLOW_TOKEN.",
            ) from None
    if "code" not in told:
        login = f"{login_command(place.address)} --provider {provider['name']}"
        raise CommandFailed(ExitCode.REFUSED, f"{_refusal(told)}\nOnce that has changed: {login}")
    return ConsoleCode(told["code"], verifier)


def _address(provider: ProviderAnswer, query: Mapping[str, str]) -> str:
    address = URL(provider["console_address"])
    if address.scheme not in {"http", "https"}:  # whatever else would be opened by another program
        raise CommandFailed(
            ExitCode.UNREACHABLE,
            "The server says no address by which a browser finds it: PUBLIC_URL is wrong.",
        )
    return str(address.with_query(query))


def _refusal(told: Mapping[str, str]) -> str:
    return told.get("error_description") or f"The server said no: {told.get('error', 'it did not say why')}."


def _opened(address: str) -> bool:
    """Begin to open the browser; False: there is none."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    # Some return only when they are closed, and the listener is to answer meanwhile.
    threading.Thread(target=browser.open, args=(address,), daemon=True).start()
    return True
