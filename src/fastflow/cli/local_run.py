"""`fastflow run`: executes a pipeline here, without a server."""

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from fastflow.cli.failures import failure_of
from fastflow.cli.inputs import (
    ParameterOption,
    ParametersFileOption,
    VariableOption,
    read_parameters,
    read_variables,
)
from fastflow.cli.options import examples
from fastflow.cli.output import say
from fastflow.cli.server_settings import read_settings
from fastflow.cli.session import run_async
from fastflow.domain.errors import FastFlowError

EXAMPLES = examples(
    "fastflow run .",
    "fastflow run pipelines/report --param day=2030-01-01",
    "fastflow run pipelines/report --python 3.12 -- --verbose",
)


def run(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The pipeline's folder.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="ARGS", help="After --: arguments for main.py.")
    ] = None,
    param: ParameterOption = None,
    params_file: ParametersFileOption = None,
    env: VariableOption = None,
    python: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Python version; the manifest's by default.")
    ] = None,
) -> None:
    """Run a pipeline here, in the environment that the server would give it.

    Needs no server and does not isolate. First prints the plain uv command that does the same without
    Fast-Flow. Ends as the pipeline does, with its exit code.
    """
    parameters, variables = read_parameters(param, params_file), read_variables(env)
    settings = read_settings({})
    from fastflow.main.local import prepare_run

    folder = path.parent if path.name == "main.py" else path
    try:
        prepared = run_async(
            prepare_run(
                folder,
                parameters=parameters,
                variables=variables,
                python_version=python,
                default_python_version=settings.default_python_version,
            )
        )
    except FastFlowError as error:
        raise failure_of(error) from error
    given = arguments or []
    for warning in prepared.warnings:
        say(f"warning: {warning}")
    say(f"+ {prepared.run.plain_command}{' ' if given else ''}{shlex.join(given)}")
    sys.stdout.flush()
    os.chdir(prepared.run.working_directory)
    # In our place: the terminal's signals, the standard streams and the exit code are the pipeline's own.
    program = prepared.run.arguments
    os.execve(program[0], [*program, *given], prepared.run.variables)  # noqa: S606 - no shell is wanted
