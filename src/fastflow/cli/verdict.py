"""Turns how a run ended into an exit code and a sentence."""

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.moments import duration
from fastflow.cli.output import Cell, printable
from fastflow.cli.wire import RunAnswer
from fastflow.domain.outcome import Blame
from fastflow.domain.run import RunStatus

HIGHEST_OWN_CODE = 125
"""Above it shells keep the codes for themselves: 126, 127, and 128 plus a signal."""

STYLES: dict[RunStatus, str] = {
    RunStatus.PENDING: "cyan",
    RunStatus.RUNNING: "blue",
    RunStatus.RETRYING: "yellow",
    RunStatus.SUCCESS: "green",
    RunStatus.FAILED: "red",
    RunStatus.CANCELLED: "magenta",
    RunStatus.SKIPPED: "dim",
}


def exit_code_of(run: RunAnswer) -> int:
    """Return the exit code for a run that has ended."""
    match RunStatus(run["status"]):
        case RunStatus.SUCCESS:
            return ExitCode.OK
        case RunStatus.CANCELLED:
            return ExitCode.CANCELLED
        case RunStatus.SKIPPED:
            return ExitCode.SKIPPED
        case _ if run["blame"] == Blame.PLATFORM:
            return ExitCode.PLATFORM_FAILED
        case _:
            own = run["exit_code"]
            return own if own is not None and 1 <= own <= HIGHEST_OWN_CODE else ExitCode.FAILED


def sentence(run: RunAnswer) -> str:
    """Return one line on a run that has ended."""
    took = f" after {duration(run['started_at'], run['finished_at'])}" if run["started_at"] else ""
    reason = f": {printable(run['reason'])}" if run["reason"] else ""
    return f"run {run['id']} of {run['pipeline_name']}: {run['status']}{took}{reason}"


def status_cell(run: RunAnswer) -> Cell:
    """Return the status in its colour."""
    return Cell(run["status"], STYLES[RunStatus(run["status"])])
