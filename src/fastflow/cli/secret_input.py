"""Reads secrets from files, pipes or a hidden prompt: never from the command line, which others can see."""

import sys
from pathlib import Path
from typing import Final

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed

_LARGEST: Final = 64 * 1024


def read_secret(option: str, place: str, what: str) -> str:
    """Return the secret that lies in the file; `-`: standard input, asked for hidden on a terminal.

    Raises:
        CommandFailed: there is none; the message holds nothing of it.
    """
    if place == "-" and sys.stdin.isatty():
        secret: str = typer.prompt(what, hide_input=True, err=True)
    elif place == "-":
        secret = sys.stdin.read(_LARGEST)
    else:
        secret = _from_file(option, Path(place).expanduser())
    if not secret.strip():
        raise CommandFailed(ExitCode.USAGE, f"{option} {place}: it is empty.")
    return secret.strip()


def read_line(option: str, place: str, what: str, *, is_new: bool = False) -> str:
    """Return the first line of the file, as it is; `-`: the next line of standard input.

    On a terminal it is asked for hidden, and twice where `is_new`: nobody sees a slip of the finger.

    Raises:
        CommandFailed: there is none; the message holds nothing of it.
    """
    if place == "-" and sys.stdin.isatty():
        line: str = typer.prompt(what, hide_input=True, err=True, confirmation_prompt=is_new)
    elif place == "-":
        line = sys.stdin.readline(_LARGEST)
    else:
        line = _from_file(option, Path(place).expanduser()).partition("\n")[0]
    line = line.removesuffix("\n").removesuffix("\r")
    if not line:
        given = "standard input" if place == "-" else place
        raise CommandFailed(ExitCode.USAGE, f"{option}: there is no {what.lower()} in {given}.")
    return line


def read_name(given: str | None, what: str) -> str:
    """Return the name that was given with --name, or ask for it on the terminal.

    Raises:
        CommandFailed: there is neither.
    """
    if given is None and not sys.stdin.isatty():
        raise CommandFailed(ExitCode.USAGE, "--name is missing, and there is no terminal to ask on.")
    return given if given is not None else typer.prompt(what, err=True)


def confirmed(question: str) -> bool:
    """Ask on the terminal; without one nobody has confirmed anything."""
    return sys.stdin.isatty() and typer.confirm(question, err=True)


def require_yes(question: str, *, is_given: bool) -> None:
    """Go on if the user says so, or has with --yes.

    Raises:
        CommandFailed: nobody has.
    """
    if is_given or confirmed(question):
        return
    if sys.stdin.isatty():
        raise CommandFailed(ExitCode.FAILED, "Nothing was changed.")
    raise CommandFailed(ExitCode.USAGE, "There is no terminal to ask on: confirm with --yes.")


def _from_file(option: str, path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_LARGEST)
    except OSError as error:
        raise CommandFailed(ExitCode.USAGE, f"{option} {path}: {error.strerror}.") from error
    except ValueError:
        raise CommandFailed(ExitCode.USAGE, f"{option} {path}: it is no text.") from None
