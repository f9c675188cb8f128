"""Reads parameters and variables from the command line."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed

ParameterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--param", "-p", metavar="NAME=VALUE", help="A parameter; JSON where it is, else text. Repeatable."
    ),
]
ParametersFileOption = Annotated[
    Path | None,
    typer.Option("--params-file", metavar="FILE", help="A JSON object of parameters; --param wins."),
]
VariableOption = Annotated[
    list[str] | None,
    typer.Option("--env", "-e", metavar="NAME=VALUE", help="An environment variable. Repeatable."),
]


def read_parameters(given: Sequence[str] | None, file: Path | None) -> dict[str, Any]:
    """Return the parameters of the file and, over them, those given one by one.

    Raises:
        CommandFailed: something can't be read as parameters.
    """
    parameters = _from_file(file) if file is not None else {}
    for name, text in _pairs("--param", given):
        try:
            parameters[name] = json.loads(text)
        except json.JSONDecodeError:
            parameters[name] = text
    return parameters


def read_variables(given: Sequence[str] | None) -> dict[str, str]:
    """Return the variables that were given.

    Raises:
        CommandFailed: one is not NAME=VALUE.
    """
    return dict(_pairs("--env", given))


def _pairs(option: str, given: Sequence[str] | None) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for text in given or ():
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise CommandFailed(ExitCode.USAGE, f"{option} {text!r}: write it as NAME=VALUE.")
        pairs.append((name, value))
    return pairs


def _from_file(file: Path) -> dict[str, Any]:
    try:
        content: object = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandFailed(ExitCode.USAGE, f"--params-file {file}: {error.strerror}.") from error
    except ValueError as error:
        raise CommandFailed(ExitCode.USAGE, f"--params-file {file} is not JSON: {error}.") from error
    if not isinstance(content, dict):
        raise CommandFailed(
            ExitCode.USAGE,
            f'--params-file {file} must hold one JSON object, such as {{"day": "2030-01-01"}}.',
        )
    return cast(dict[str, Any], content)
