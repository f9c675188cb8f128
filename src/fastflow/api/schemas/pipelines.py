"""Pipelines on the wire."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field, JsonValue

from fastflow.api.schemas.redaction import without_webhook_keys
from fastflow.domain.environment import EnvironmentStatus
from fastflow.domain.graph import Surroundings
from fastflow.services.statistics import PipelineStatistics
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
        count = {status.value: number for status, number in sums.runs.items()}
        decided = count.get("SUCCESS", 0) + count.get("FAILED", 0)
        ran = decided + count.get("CANCELLED", 0)
        return cls(
            runs=sums.total,
            succeeded=count.get("SUCCESS", 0),
            failed=count.get("FAILED", 0),
            cancelled=count.get("CANCELLED", 0),
            skipped=count.get("SKIPPED", 0),
            success_percent=100 * count.get("SUCCESS", 0) / decided if decided else None,
            mean_seconds=sums.seconds / ran if ran else None,
        )


class PipelineView(BaseModel):
    """A pipeline, its manifest and whether it can be run."""

    name: str
    is_valid: bool
    is_enabled: bool
    description: str | None
    tags: list[str]
    revision: str | None
    valid_revision: str | None
    problems: list[ManifestProblemView]
    hint: str | None
    manifest: dict[str, JsonValue] | None = Field(description="As it is written, webhook keys hidden.")
    repository: str | None = Field(description="The Git repository; null for the local folder.")
    commit: str | None = Field(description="The commit that brought the present revision.")
    environment_status: EnvironmentStatus
    environment_reason: str | None = Field(description="Why its environment can't be made: uv's own words.")
    changed_at: datetime
    upstream: list[str] = Field(description="The pipelines whose runs start it.")
    downstream: list[str] = Field(description="The pipelines that its runs start.")
    statistics: PipelineStatisticsView

    @classmethod
    def of(cls, row: PipelineRow, sums: PipelineStatistics, around: Surroundings) -> Self:
        """Put a pipeline, its statistics and what is next to it together."""
        manifest = row.manifest or {}
        return cls.model_validate(
            {
                **row.model_dump(),
                "manifest": without_webhook_keys(row.manifest) if row.manifest is not None else None,
                "problems": [*row.problems, *(problem.model_dump() for problem in around.warnings)],
                "upstream": around.upstream,
                "downstream": around.downstream,
                "description": manifest.get("description"),
                "tags": manifest.get("tags") or [],
                "statistics": PipelineStatisticsView.of(sums),
            }
        )


class PipelineList(BaseModel):
    """All pipelines by name."""

    pipelines: list[PipelineView]
