"""Reads the server's settings; says which one is wrong, in words."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings

    from fastflow.proxy_settings import ProxySettings
    from fastflow.settings import Settings

    Kind = TypeVar("Kind", bound=BaseSettings)


def read_settings(given: Mapping[str, Any]) -> "Settings":
    """Return the settings of the environment; what was given on the command line wins.

    Raises:
        CommandFailed: a value can't be right; names the variable, the value and the remedy.
    """
    from fastflow.settings import Settings

    return _read(Settings, given)


def read_proxy_settings(given: Mapping[str, Any]) -> "ProxySettings":
    """Return the settings of `fastflow docker-proxy`, in the same way.

    Raises:
        CommandFailed: as `read_settings`.
    """
    from fastflow.proxy_settings import ProxySettings

    return _read(ProxySettings, given)


def _read(kind: "type[Kind]", given: Mapping[str, Any]) -> "Kind":
    from pydantic import ValidationError

    overrides = {name: value for name, value in given.items() if value is not None}
    try:
        return kind(**overrides)
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
