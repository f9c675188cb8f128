"""Writes what is wrong with a manifest as compilers do."""

from fastflow.cli.output import printable
from fastflow.cli.wire import ManifestProblemAnswer


def problem_line(problem: ManifestProblemAnswer) -> str:
    """Return `file:line:column: severity: field: message. remedy`, leaving out what is not known."""
    place = ":".join(str(part) for part in (problem["file"], problem["line"], problem["column"]) if part)
    parts = (place, problem["severity"], problem["field"], problem["message"])
    text = ": ".join(str(part) for part in parts if part)
    remedy = problem["remedy"]
    return printable(f"{text.rstrip('.')}. {remedy}" if remedy else text)
