"""Turns what comes from a server in the place of a result, or does not come, into words with a remedy."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import ClientConnectionError, ClientError, ClientResponse

from fastflow.cli.credential import VARIABLE, Place, login_command, shown
from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed

_PROBLEM: Final = "application/problem+json"
_AWAY: Final = frozenset({502, 503, 504})
"""What a proxy answers in the place of a server that does not."""
_EXIT_CODES: Final = {404: ExitCode.NOT_FOUND, 503: ExitCode.UNAVAILABLE}
_NOT_SIGNED_IN: Final = frozenset(
    {
        "credential_missing",
        "credential_malformed",
        "credential_invalid",
        "session_ended",
        "access_token_expired",
    }
)


async def raise_for_problem(response: ClientResponse, place: Place) -> None:
    """Return if the server did what was asked.

    Raises:
        CommandFailed: it did not.
    """
    status, address = response.status, shown(place.address)
    if status < 300:
        return
    answer = f"{status} {response.reason}"
    if response.content_type == _PROBLEM:
        problem = await response.json(content_type=_PROBLEM)
        detail = _detail(problem, place)
        exit_code = _EXIT_CODES.get(status, ExitCode.REFUSED if status < 500 else ExitCode.FAILED)
        raise CommandFailed(exit_code, "\n".join([detail, *_facts(detail, problem.get("fields", {}))]))
    if "Location" in response.headers and status < 400:
        raise CommandFailed(
            ExitCode.UNREACHABLE,
            f"{address} says that it is at {response.headers['Location']!r}. If you trust that, name it with "
            "--server.",
        )
    if status in _AWAY:
        raise CommandFailed(
            ExitCode.UNAVAILABLE, f"The server at {address} is away ({answer}). Try again in a moment."
        )
    raise CommandFailed(ExitCode.UNREACHABLE, f"What answers at {address} is no Fast-Flow server: {answer}.")


@asynccontextmanager
async def spoken_with(place: Place) -> AsyncGenerator[None]:
    """Say in words what keeps a server from being spoken with.

    Raises:
        CommandFailed: it does not answer, or what answers is no server of ours.
    """
    address = shown(place.address)
    try:
        yield
    except TimeoutError as error:
        raise CommandFailed(
            ExitCode.UNREACHABLE, f"The server at {address} did not answer in time. Try again."
        ) from error
    except ClientConnectionError as error:
        raise CommandFailed(
            ExitCode.UNREACHABLE,
            f"No Fast-Flow server answers at {address}. "
            "Start one with `fastflow up`, or name yours with --server or FASTFLOW_SERVER.",
        ) from error
    except (ClientError, ValueError) as error:
        raise CommandFailed(
            ExitCode.UNREACHABLE, f"What answers at {address} is no Fast-Flow server: {error}."
        ) from error


def _detail(problem: Mapping[str, Any], place: Place) -> str:
    """Return the problem's sentence, or what it means for somebody at the console."""
    code, detail = str(problem.get("code")), str(problem["detail"])
    address, credential = shown(place.address), place.credential
    login = login_command(place.address)
    if code == "not_for_tokens":
        return f"{detail} Unset {VARIABLE} and use: {login}"
    if code not in _NOT_SIGNED_IN:
        return detail
    if credential is None:
        return (
            f"The server at {address} wants to know who you are. "
            f"Sign in with: {login}\nPrograms set {VARIABLE}; `fastflow tokens add NAME` makes a token."
        )
    if credential.profile is not None:
        return (
            f"You are no longer signed in at {address}: you were signed out, or it was too long ago. "
            f"Sign in again with: {login}"
        )
    return (
        f"{VARIABLE} does not open {address}: {detail} `fastflow tokens add NAME` makes a new token; "
        f"without {VARIABLE}, sign in with: {login}"
    )


def _facts(detail: str, fields: Mapping[str, Any]) -> list[str]:
    """Return the problem's fields that its sentence does not hold already."""
    return [
        f"  {name}: {value}"
        for name, value in fields.items()
        if isinstance(value, str | int | float) and str(value) not in detail
    ]
