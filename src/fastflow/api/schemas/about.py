"""The server's make and condition, on the wire."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from fastflow.domain.finding import Verdict
from fastflow.services.about import Facts, Report


class DatabaseView(BaseModel):
    """Where rows are kept."""

    kind: str = Field(description="SQLite or PostgreSQL.")
    version: str | None = Field(description="null: it does not answer.")


class ExecutorView(BaseModel):
    """What starts attempts."""

    name: str = Field(description="docker or process.")
    is_isolating: bool
    engine_version: str | None = Field(description="null: no Engine is used, or it does not answer.")


class DataView(BaseModel):
    """The data directory, and the filesystem it lies on; null: it can't be read."""

    size_bytes: int | None
    is_size_complete: bool = Field(description="False: it is larger; adding all of it up takes too long.")
    free_bytes: int | None
    total_bytes: int | None


class AboutView(BaseModel):
    """What the server is made of."""

    version: str
    python_version: str
    uv_version: str
    database: DatabaseView
    executor: ExecutorView
    data: DataView
    started_at: datetime
    uptime_seconds: float

    @classmethod
    def of(cls, facts: Facts, version: str) -> Self:
        """Put it together."""
        size, space = facts.size, facts.space
        return cls(
            version=version,
            python_version=facts.python_version,
            uv_version=facts.uv_version,
            database=DatabaseView(kind=facts.database_kind, version=facts.database_version),
            executor=ExecutorView(
                name=facts.executor, is_isolating=facts.is_isolating, engine_version=facts.engine_version
            ),
            data=DataView(
                size_bytes=size.size_bytes if size is not None else None,
                is_size_complete=size is not None and size.is_complete,
                free_bytes=space.free_bytes if space is not None else None,
                total_bytes=space.total_bytes if space is not None else None,
            ),
            started_at=facts.started_at,
            uptime_seconds=facts.uptime.total_seconds(),
        )


class FindingView(BaseModel):
    """What was found of one thing."""

    name: str
    verdict: Verdict
    message: str | None = Field(description="null for all but admins: it names files and addresses.")
    remedy: str | None = Field(description="What to do about it; null: nothing, or as above.")


class DoctorView(BaseModel):
    """What `fastflow doctor` would find on the server's machine."""

    findings: list[FindingView]
    examined_at: datetime

    @classmethod
    def of(cls, report: Report, *, with_words: bool) -> Self:
        """Put it together."""
        return cls(
            findings=[
                FindingView(
                    name=finding.name,
                    verdict=finding.verdict,
                    message=finding.message if with_words else None,
                    remedy=(finding.remedy or None) if with_words else None,
                )
                for finding in report.findings
            ],
            examined_at=report.examined_at,
        )
