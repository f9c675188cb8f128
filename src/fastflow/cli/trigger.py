"""`fastflow trigger`: starts a run, and follows it where asked to."""

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.inputs import (
    ParameterOption,
    ParametersFileOption,
    VariableOption,
    read_parameters,
    read_variables,
)
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.session import ask
from fastflow.cli.watching import report_accepted, stay_with
from fastflow.cli.wire import RunAnswer

if TYPE_CHECKING:
    from fastflow.cli.client import Client

EXAMPLES = examples(
    "fastflow trigger report",
    "fastflow trigger report --param day=2030-01-01 --param limit=10 --follow",
    "fastflow trigger report --env MODE=test --wait && echo done",
    "fastflow trigger report --idempotency-key order-4711",
)


def trigger(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The pipeline.")],
    param: ParameterOption = None,
    params_file: ParametersFileOption = None,
    env: VariableOption = None,
    idempotency_key: Annotated[
        str, typer.Option(metavar="KEY", help="The same key gives the same run, however often it is sent.")
    ] = "",
    last_valid: Annotated[
        bool, typer.Option("--last-valid", help="Start the last revision whose manifest had no error.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end; exit as the run does.")] = False,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Show the log live; exit as the run does.")
    ] = False,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Start a run of a pipeline.

    Prints the run's id. With --follow its lines go to where it wrote them, stdout or stderr; a broken
    connection is taken up again where it broke. Ctrl-C lets go of the run, it does not cancel it.
    """
    if follow and as_json:
        raise CommandFailed(ExitCode.USAGE, "--follow shows the log, which is no JSON; use --wait --json.")
    body = {
        "parameters": read_parameters(param, params_file),
        "env_vars": read_variables(env),
        "revision": "last_valid" if last_valid else "current",
    }
    headers = {"Idempotency-Key": idempotency_key} if idempotency_key else None

    async def work(client: "Client") -> RunAnswer:
        return await start_run(client, name, body, headers)

    run = ask(server, work)
    if wait or follow:
        stay_with(server, run["id"], is_following=follow, as_json=as_json)
    report_accepted(run, as_json=as_json)


async def start_run(
    client: "Client", name: str, body: dict[str, Any], headers: dict[str, str] | None
) -> RunAnswer:
    """Start a run and return it."""
    return cast(RunAnswer, await client.post(f"api/pipelines/{name}/run", body, headers))
