"""What the page of one pipeline shows beside the pipeline itself."""

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, Field

from fastflow.domain.environment import EnvironmentStatus
from fastflow.domain.pipeline_texts import PipelineText
from fastflow.domain.run import RunStatus
from fastflow.services.pipeline_environments import PipelineEnvironment
from fastflow.services.statistics import Day


class ReadmeView(BaseModel):
    """The README.md of a pipeline's folder: what its authors wrote, to be rendered with care."""

    text: str
    is_truncated: bool = Field(description="It has more than 256 KiB; this is its beginning.")

    @classmethod
    def of(cls, found: PipelineText) -> Self:
        """Show a text."""
        return cls(text=found.text, is_truncated=found.is_truncated)


class DayView(BaseModel):
    """The runs of a pipeline that ended on one day (UTC)."""

    day: date
    succeeded: int
    failed: int
    cancelled: int
    skipped: int
    seconds: float = Field(description="Duration of all of them together.")

    @classmethod
    def of(cls, day: Day) -> Self:
        """Name the statuses."""
        return cls(
            day=day.day,
            succeeded=day.runs.get(RunStatus.SUCCESS, 0),
            failed=day.runs.get(RunStatus.FAILED, 0),
            cancelled=day.runs.get(RunStatus.CANCELLED, 0),
            skipped=day.runs.get(RunStatus.SKIPPED, 0),
            seconds=day.seconds,
        )


class DayList(BaseModel):
    """The days on which a run ended, oldest first; days without one are missing."""

    days: list[DayView]


class PackageView(BaseModel):
    """An installed distribution."""

    name: str
    version: str


class PipelineEnvironmentView(BaseModel):
    """The environment of a pipeline's present revision, as far as it is known."""

    status: EnvironmentStatus
    reason: str | None = Field(description="Why it can't be made, or what it waits for.")
    python_version: str | None = Field(description="That it was built with; null: not built, or the image's.")
    asked_python_version: str | None = Field(description="By the manifest or the settings.")
    environment_key: str | None
    lockfile_key: str | None = Field(description="Empty: it needs no packages.")
    packages: list[PackageView] | None = Field(description="By name; null: not known.")
    size_bytes: int | None = Field(description="Of all its files, those shared with uv's cache too.")
    built_at: datetime | None

    @classmethod
    def of(cls, found: PipelineEnvironment) -> Self:
        """Put it together."""
        row, built, packages = found.pipeline, found.built, found.packages
        return cls(
            status=row.environment_status,
            reason=row.environment_reason,
            python_version=built.python_version if built is not None else None,
            asked_python_version=found.asked_python,
            environment_key=found.environment_key,
            lockfile_key=found.lockfile_key,
            packages=None if packages is None else [PackageView(**each._asdict()) for each in packages],
            size_bytes=built.size_bytes if built is not None else None,
            built_at=built.built_at if built is not None else None,
        )
