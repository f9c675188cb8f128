"""The table of pipelines as they were last seen."""

from datetime import datetime

from pydantic import JsonValue
from sqlmodel import Field, SQLModel

from fastflow.domain.environment import EnvironmentStatus
from fastflow.store.tables.columns import Json, Name, UtcDateTime, Word, table_name


class PipelineRow(SQLModel, table=True):
    """One pipeline; stays when its folder vanishes, so that its runs keep their history."""

    __tablename__ = table_name("pipelines")

    name: str = Field(primary_key=True, sa_type=Name)
    is_present: bool
    """Whether its folder exists now."""
    is_valid: bool
    """Whether its present revision can be run."""
    is_enabled: bool
    revision: str | None
    manifest: dict[str, JsonValue] | None = Field(sa_type=Json)
    problems: list[dict[str, JsonValue]] = Field(sa_type=Json)
    """Errors and warnings of the present manifest."""
    hint: str | None
    valid_revision: str | None
    """The last revision that could be run, and its manifest."""
    valid_manifest: dict[str, JsonValue] | None = Field(sa_type=Json)
    repository: str | None = Field(default=None, sa_type=Name)
    """The Git repository that it comes from; None: the local folder."""
    commit: str | None = Field(default=None, max_length=64)
    """The one that brought the present revision."""
    valid_commit: str | None = Field(default=None, max_length=64)
    """The one that brought the last valid revision."""
    environment_status: EnvironmentStatus = Field(
        default=EnvironmentStatus.UNKNOWN, sa_type=Word(EnvironmentStatus)
    )
    environment_revision: str | None = None
    """The revision that the status is about."""
    environment_reason: str | None = None
    """Why it can't be made."""
    environment_key: str | None = None
    """Of the environment that was prepared last, as its lockfile's is."""
    lockfile_key: str | None = None
    changed_at: datetime = Field(sa_type=UtcDateTime)
