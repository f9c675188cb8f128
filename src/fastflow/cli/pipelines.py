"""`fastflow pipelines`: which pipelines there are, and one in detail."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from fastflow.cli.moments import seconds_text, when
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import Cell, emit, emit_json, emit_pairs, emit_table
from fastflow.cli.problems import problem_line
from fastflow.cli.schedules import emit_schedules
from fastflow.cli.session import ask
from fastflow.cli.wire import PipelineAnswer, PipelineListAnswer, PipelineSummaryAnswer
from fastflow.cli.wire_schedules import ScheduleListAnswer

if TYPE_CHECKING:
    from fastflow.cli.client import Client

EXAMPLES = examples("fastflow pipelines", "fastflow pipelines report", "fastflow pipelines --json")

_ENVIRONMENT_STYLES = {"ready": "green", "building": "blue", "failed": "red"}


def pipelines(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this one, in detail.")] = None,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """List the pipelines, or look at one."""
    if name is not None:
        _one(server, name, as_json=as_json)
        return

    async def work(client: "Client") -> PipelineListAnswer:
        return cast(PipelineListAnswer, await client.get("api/pipelines"))

    found = ask(server, work)
    if as_json:
        emit_json(found)
        return
    emit_table(
        ("PIPELINE", "STATE", "RUNS (30 d)", "SUCCESS", "MEAN", "CHANGED", "DESCRIPTION"),
        [
            (
                pipeline["name"],
                _state(pipeline),
                str(pipeline["statistics"]["runs"]),
                _percent(pipeline["statistics"]["success_percent"]),
                _mean(pipeline["statistics"]["mean_seconds"]),
                when(pipeline["changed_at"]),
                pipeline["description"] or "",
            )
            for pipeline in found["pipelines"]
        ],
    )


def _one(server: str, name: str, *, as_json: bool) -> None:
    async def work(client: "Client") -> tuple[PipelineAnswer, ScheduleListAnswer]:
        pipeline = cast(PipelineAnswer, await client.get(f"api/pipelines/{name}"))
        return pipeline, cast(ScheduleListAnswer, await client.get("api/schedules", {"pipeline_name": name}))

    pipeline, listed = ask(server, work)
    if as_json:
        emit_json(pipeline)
        return
    emit_pairs(
        [
            ("pipeline", pipeline["name"]),
            ("state", _state(pipeline)),
            ("description", pipeline["description"] or "-"),
            ("tags", ", ".join(pipeline["tags"]) or "-"),
            ("repository", pipeline["repository"] or "-"),
            ("commit", pipeline["commit"] or "-"),
            ("revision", pipeline["revision"] or "-"),
            ("environment", _environment(pipeline)),
            ("starts after", ", ".join(pipeline["upstream"]) or "-"),
            ("starts", ", ".join(pipeline["downstream"]) or "-"),
            ("changed", when(pipeline["changed_at"])),
            ("runs (30 d)", str(pipeline["statistics"]["runs"])),
            ("success", _percent(pipeline["statistics"]["success_percent"])),
            ("mean", _mean(pipeline["statistics"]["mean_seconds"])),
            ("hint", pipeline["hint"] or "-"),
        ]
    )
    for problem in pipeline["problems"]:
        emit(problem_line(problem))
    if listed["schedules"]:
        emit("")
        emit_schedules(listed["schedules"])


def _state(pipeline: PipelineSummaryAnswer) -> Cell:
    if not pipeline["is_valid"]:
        return Cell("invalid", "red")
    return Cell("enabled", "green") if pipeline["is_enabled"] else Cell("disabled", "dim")


def _environment(pipeline: PipelineAnswer) -> Cell:
    status, reason = pipeline["environment_status"], pipeline["environment_reason"]
    return Cell(f"{status}: {reason}" if reason else status, _ENVIRONMENT_STYLES.get(status, ""))


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} %"


def _mean(seconds: float | None) -> str:
    return "-" if seconds is None else seconds_text(seconds)
