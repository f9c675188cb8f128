"""Pipelines on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field, JsonValue

from fastflow.api.schemas.redaction import without_webhook_keys
from fastflow.domain.environment import EnvironmentStatus
from fastflow.domain.graph import Surroundings
from fastflow.domain.manifest import Problem
from fastflow.domain.run import RunStatus
from fastflow.services.statistics import PipelineStatistics
from fastflow.store.pipelines import Summary
from fastflow.store.tables import PipelineRow


class ManifestProblemView(BaseModel):
    """What is wrong with a manifest, and where."""

    severity: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    field: str | None = None
    message: str
    remedy: str | None = None


class PipelineStatisticsView(BaseModel):
    """How its runs of the last 30 days ended."""

    runs: int
    succeeded: int
    failed: int
    cancelled: int
    skipped: int
    success_percent: float | None
    mean_seconds: float | None

    @classmethod
    def of(cls, sums: PipelineStatistics) -> Self:
        """Sum up; skipped runs count neither as success nor as failure."""
        return cls.model_validate(_shares(sums))


class PipelineSummary(BaseModel):
    """A pipeline as lists show it."""

    name: str
    is_valid: bool
    is_enabled: bool
    description: str | None
    tags: list[str]
    revision: str | None
    valid_revision: str | None
    problems: list[ManifestProblemView]
    hint: str | None
    repository: str | None = Field(description="The Git repository; null for the local folder.")
    commit: str | None = Field(description="The commit that brought the present revision.")
    environment_status: EnvironmentStatus
    environment_reason: str | None = Field(description="Why its environment can't be made: uv's own words.")
    changed_at: datetime
    upstream: list[str] = Field(description="The pipelines whose runs start it.")
    downstream: list[str] = Field(description="The pipelines that its runs start.")
    statistics: PipelineStatisticsView


class ListedPipeline(PipelineSummary):
    """A pipeline in the list of all."""

    is_failing: bool = Field(description="Of its runs that succeeded or failed, the newest failed.")

    @classmethod
    def fields_of(
        cls,
        row: Summary,
        sums: PipelineStatistics,
        around: Surroundings,
        missing_secrets: Sequence[Problem] = (),
    ) -> dict[str, object]:
        """Return the fields of one, not validated: a list has thousands, which would take half a second."""
        fields = row._asdict()
        del fields["secrets"]
        return {
            **fields,
            "tags": row.tags or (),
            "problems": _problems(row.problems, around.warnings, missing_secrets),
            "upstream": around.upstream,
            "downstream": around.downstream,
            "statistics": _shares(sums),
        }


class PipelineView(PipelineSummary):
    """A pipeline, its manifest and whether it can be run."""

    manifest: dict[str, JsonValue] | None = Field(description="As it is written, webhook keys hidden.")

    @classmethod
    def of(
        cls,
        row: PipelineRow,
        sums: PipelineStatistics,
        around: Surroundings,
        missing_secrets: Sequence[Problem] = (),
    ) -> Self:
        """Put a pipeline, its statistics, what is next to it and what it lacks together."""
        manifest = row.manifest or {}
        return cls.model_validate(
            {
                **row.model_dump(),
                "manifest": without_webhook_keys(row.manifest) if row.manifest is not None else None,
                "problems": _problems(row.problems, around.warnings, missing_secrets),
                "upstream": around.upstream,
                "downstream": around.downstream,
                "description": manifest.get("description"),
                "tags": manifest.get("tags") or [],
                "statistics": PipelineStatisticsView.of(sums),
            }
        )


class PipelineList(BaseModel):
    """All pipelines by name, without their manifests."""

    pipelines: list[ListedPipeline]


def _shares(sums: PipelineStatistics) -> dict[str, float | None]:
    count = sums.runs
    succeeded, failed = count.get(RunStatus.SUCCESS, 0), count.get(RunStatus.FAILED, 0)
    cancelled, decided = count.get(RunStatus.CANCELLED, 0), succeeded + failed
    ran = decided + cancelled
    return {
        "runs": sums.total,
        "succeeded": succeeded,
        "failed": failed,
        "cancelled": cancelled,
        "skipped": count.get(RunStatus.SKIPPED, 0),
        "success_percent": 100 * succeeded / decided if decided else None,
        "mean_seconds": sums.seconds / ran if ran else None,
    }


def _problems(
    of_manifest: Sequence[dict[str, JsonValue]], *others: Sequence[Problem]
) -> list[ManifestProblemView]:
    found = [*of_manifest, *(problem.model_dump() for some in others for problem in some)]
    return [ManifestProblemView.model_validate(problem) for problem in found]
