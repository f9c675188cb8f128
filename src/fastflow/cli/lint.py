"""`fastflow lint`: checks manifests as the server does."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import failure_of
from fastflow.cli.options import JsonOption, examples
from fastflow.cli.output import emit, emit_json, printable, say
from fastflow.cli.problems import problem_line
from fastflow.cli.session import run_async
from fastflow.cli.wire import ManifestProblemAnswer
from fastflow.domain.errors import FastFlowError

if TYPE_CHECKING:
    from fastflow.main.local import CheckedPipeline

EXAMPLES = examples("fastflow lint", "fastflow lint pipelines/report", "fastflow lint pipelines --json")


def lint(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Pipelines, or folders of pipelines; here by default."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check manifests with the server's own code; exit code 1 where there are errors."""
    from fastflow.main.local import check_pipelines

    checked: list[CheckedPipeline] = []
    try:
        for path in paths or [Path()]:
            checked += run_async(check_pipelines(path))
    except FastFlowError as error:
        raise failure_of(error) from error
    if as_json:
        emit_json({"pipelines": [_view(pipeline) for pipeline in checked]})
    else:
        _emit(checked)
    if any(pipeline.has_errors for pipeline in checked):
        raise typer.Exit(ExitCode.FAILED)


def _emit(checked: "list[CheckedPipeline]") -> None:
    for pipeline in checked:
        for problem in pipeline.problems:
            file = pipeline.folder / problem.file if problem.file else pipeline.folder
            view = problem.model_copy(update={"file": str(file)}).model_dump(mode="json")
            emit(problem_line(cast(ManifestProblemAnswer, view)))
        if pipeline.hint:
            emit(printable(f"{pipeline.folder}: hint: {pipeline.hint}"))
    invalid = sum(pipeline.has_errors for pipeline in checked)
    say(f"{len(checked)} checked, {invalid} with errors")


def _view(pipeline: "CheckedPipeline") -> dict[str, Any]:
    return {
        "name": pipeline.name,
        "path": str(pipeline.folder),
        "is_valid": not pipeline.has_errors,
        "hint": pipeline.hint,
        "problems": [problem.model_dump(mode="json") for problem in pipeline.problems],
    }
