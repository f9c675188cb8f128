"""`fastflow cancel` and `fastflow retry`: what can be done with runs that exist."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, RunArgument, ServerOption, examples
from fastflow.cli.output import emit, emit_json, say_error
from fastflow.cli.session import ask
from fastflow.cli.verdict import sentence
from fastflow.cli.watching import report_accepted, stay_with
from fastflow.cli.wire import RunAnswer
from fastflow.domain.run import TERMINAL

if TYPE_CHECKING:
    from fastflow.cli.client import Client

CANCEL_EXAMPLES = examples("fastflow cancel latest", "fastflow cancel 3fa9c1d2 77b0e514 --wait")
RETRY_EXAMPLES = examples("fastflow retry report:latest --follow", "fastflow retry 3fa9c1d2 --latest")


def cancel(
    runs: Annotated[list[str], typer.Argument(metavar="RUN", help="The runs, as for `fastflow show`.")],
    wait: Annotated[bool, typer.Option("--wait", help="Wait until they have ended.")] = False,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """End runs: SIGTERM, a grace period, SIGKILL. A run that waits ends at once."""
    worst = ExitCode.OK
    cancelled: list[RunAnswer] = []

    async def work(client: "Client") -> None:
        nonlocal worst
        for meant in runs:
            try:
                cancelled.append(await _cancel(client, meant, wait=wait))
            except CommandFailed as failure:  # the other runs are to be cancelled all the same
                say_error(failure.message)
                worst = failure.exit_code
            else:
                if not as_json:
                    emit(_cancel_sentence(cancelled[-1]))

    ask(server, work)
    if as_json:
        emit_json({"runs": cancelled})
    if worst is not ExitCode.OK:
        raise typer.Exit(worst)


def retry(
    run: RunArgument,
    latest: Annotated[
        bool, typer.Option("--latest", help="With the pipeline as it is now, not as it was then.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end; exit as the run does.")] = False,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Show the log live; exit as the run does.")
    ] = False,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Start the same again as a new run.

    It gets the code, packages, parameters and variables of then.
    """
    if follow and as_json:
        raise CommandFailed(ExitCode.USAGE, "--follow shows the log, which is no JSON; use --wait --json.")

    async def work(client: "Client") -> RunAnswer:
        from fastflow.cli.run_ids import find_run_id

        run_id = await find_run_id(client, run)
        body = {"revision": "latest" if latest else "same"}
        return cast(RunAnswer, await client.post(f"api/runs/{run_id}/retry", body))

    again = ask(server, work)
    if wait or follow:
        stay_with(server, again["id"], is_following=follow, as_json=as_json)
    report_accepted(again, as_json=as_json)


async def _cancel(client: "Client", meant: str, *, wait: bool) -> RunAnswer:
    from fastflow.cli.follow import until_ended
    from fastflow.cli.run_ids import find_run_id

    run_id = await find_run_id(client, meant)
    run = cast(RunAnswer, await client.post(f"api/runs/{run_id}/cancel"))
    return await until_ended(client, run_id) if wait else run


def _cancel_sentence(run: RunAnswer) -> str:
    if run["status"] in TERMINAL:
        return sentence(run)
    return f"run {run['id']} of {run['pipeline_name']} is being cancelled"
