"""`fastflow doctor`: what this machine lacks, and what to do about it."""

from typing import TYPE_CHECKING, Any

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.options import JsonOption, examples
from fastflow.cli.output import Cell, emit_json, emit_table
from fastflow.cli.server_settings import read_settings
from fastflow.cli.session import run_async

if TYPE_CHECKING:
    from fastflow.domain.finding import Finding

EXAMPLES = examples("fastflow doctor", "fastflow doctor --json", "FASTFLOW_EXECUTOR=docker fastflow doctor")
_STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(as_json: JsonOption = False) -> None:
    """Look at all that runs need here; exit code 1 where something fails.

    Reads the settings of the environment, as `fastflow up` does, and changes nothing.
    """
    findings = _examine()
    if as_json:
        emit_json({"checks": findings})
    else:
        emit_table(
            ("CHECK", "", "FOUND"),
            [
                (
                    found["name"],
                    Cell(found["verdict"], _STYLES[found["verdict"]]),
                    f"{found['message']} {found['remedy']}".strip(),
                )
                for found in findings
            ],
        )
    if any(found["verdict"] == "fail" for found in findings):
        raise typer.Exit(ExitCode.FAILED)


def _examine() -> list[dict[str, Any]]:
    try:
        settings = read_settings({})
    except CommandFailed as failure:
        remedy = "Correct the variable; the other checks need valid settings."
        return [{"name": "settings", "verdict": "fail", "message": failure.message, "remedy": remedy}]
    from fastflow.main.doctor import examine

    all_valid = {"name": "settings", "verdict": "ok", "message": "All values are valid.", "remedy": ""}
    return [all_valid, *map(_view, run_async(examine(settings)))]


def _view(finding: "Finding") -> dict[str, Any]:
    return {
        "name": finding.name,
        "verdict": finding.verdict.value,
        "message": finding.message,
        "remedy": finding.remedy,
    }
