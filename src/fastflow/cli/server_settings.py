"""Reads the server's settings; says which one is wrong, in words."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed

if TYPE_CHECKING:
    from fastflow.settings import Settings


def read_settings(given: Mapping[str, Any]) -> "Settings":
    """Return the settings of the environment; what was given on the command line wins.

    Raises:
        CommandFailed: a value can't be right; names the variable, the value and the remedy.
    """
    from pydantic import ValidationError

    from fastflow.settings import Settings

    overrides = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**overrides)
    except ValidationError as error:
        problems = [
            _sentence(_place(str(problem["loc"][0]), overrides), problem["input"], problem["msg"])
            for problem in error.errors(include_url=False, include_context=False)
        ]
        raise CommandFailed(ExitCode.USAGE, "\n".join(problems)) from None


def _place(alias: str, overrides: Mapping[str, Any]) -> str:
    """Return where the user wrote the value: the option, or that one of the variable's names that is set."""
    field = alias.lower().removeprefix("fastflow_")
    if field in overrides:
        return "--" + field.replace("_", "-")
    names = (f"FASTFLOW_{field}".upper(), field.upper())
    found = [name for variable in os.environ for name in names if variable.upper() == name]
    return found[0] if found else names[0]


def _sentence(place: str, value: object, message: str) -> str:
    reason = message.removeprefix("Value error, ")
    reason = reason[:1].lower() + reason[1:] if reason.startswith("Input should") else reason
    return f"{place}={value!s}: {reason.rstrip('.')}. docs/reference/settings.md says what is allowed."
