"""Stays with a run until it has ended, or until Ctrl-C lets go of it."""

import sys
from typing import TYPE_CHECKING

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.output import emit, emit_json, is_terminal, say
from fastflow.cli.session import ask
from fastflow.cli.verdict import exit_code_of, sentence
from fastflow.cli.wire import RunAnswer, RunDetailAnswer

if TYPE_CHECKING:
    from fastflow.cli.client import Client


def report_accepted(run: RunAnswer, *, as_json: bool) -> None:
    """Print the new run: in words on a terminal, its id alone for a script."""
    if as_json:
        emit_json(run)
    elif is_terminal():
        emit(f"run {run['id']} of {run['pipeline_name']}: {run['status']}")
        emit(f"follow it with: fastflow logs {run['id']} --follow")
    else:
        emit(run["id"])


def stay_with(server: str, run_id: str, *, is_following: bool, as_json: bool = False) -> None:
    """Wait for the run's end, showing its log where `is_following`; exit as the run did.

    Raises:
        Exit: always, with the run's exit code.
    """
    if sys.stderr.isatty() or is_following:
        say(f"run {run_id}")

    async def work(client: "Client") -> RunDetailAnswer:
        from fastflow.cli.follow import follow_to_end, until_ended, write_as_it_was

        if is_following:
            return await follow_to_end(client, run_id, write_as_it_was)
        return await until_ended(client, run_id)

    try:
        run = ask(server, work)
    except KeyboardInterrupt:
        say(
            f"\nlet go of run {run_id}; it goes on. "
            f"Cancel it with: fastflow cancel {run_id}\nFollow it with: fastflow logs {run_id} --follow"
        )
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if as_json:
        emit_json(run)
    say(sentence(run))
    raise typer.Exit(exit_code_of(run))
