"""Pipelines: what was seen of them last."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy
from pydantic import JsonValue
from sqlalchemy import true
from sqlmodel import Session, col, func, select

from fastflow.domain.environment import EnvironmentStatus
from fastflow.domain.run import RunStatus
from fastflow.store.tables import PipelineRow, RunRow


class Triggers(NamedTuple):
    """Which pipelines are to follow one."""

    name: str
    is_valid: bool
    is_enabled: bool
    stored: JsonValue
    """`downstream_triggers` of its last valid manifest, mostly the present one; None: it says nothing."""


class Summary(NamedTuple):
    """What lists show of a pipeline: all but its manifests, of which it has three fields only."""

    name: str
    is_valid: bool
    is_enabled: bool
    description: JsonValue
    tags: JsonValue
    secrets: JsonValue
    revision: str | None
    valid_revision: str | None
    problems: list[dict[str, JsonValue]]
    hint: str | None
    repository: str | None
    commit: str | None
    environment_status: EnvironmentStatus
    environment_reason: str | None
    changed_at: datetime
    is_failing: bool
    """Of its runs that succeeded or failed, the newest failed."""


class Count(NamedTuple):
    """How many present pipelines of a repository are alike."""

    repository: str | None
    is_valid: bool
    environment_status: EnvironmentStatus
    pipelines: int


def save(session: Session, row: PipelineRow, before: PipelineRow | None) -> PipelineRow:
    """Insert what is known of a pipeline, or replace what was stored of it before."""
    if before is not None:
        return session.merge(row)
    session.add(row)
    return row


def get(session: Session, name: str) -> PipelineRow | None:
    """Return the pipeline of that name, also where its folder has vanished."""
    return session.get(PipelineRow, name)


def named(session: Session, names: Collection[str]) -> dict[str, PipelineRow]:
    """Return those of these pipelines that are known, the vanished too, by name."""
    rows = session.exec(select(PipelineRow).where(col(PipelineRow.name).in_(names))).all()
    return {row.name: row for row in rows}


def every(session: Session) -> Sequence[PipelineRow]:
    """Return all pipelines by name, the vanished too."""
    return session.exec(select(PipelineRow).order_by(col(PipelineRow.name))).all()


def summaries(session: Session, names: Collection[str] | None = None) -> list[Summary]:
    """Return the pipelines whose folder exists, all or those of these, by name; reads no whole manifest."""
    manifest = col(PipelineRow.manifest)
    query = sqlalchemy.select(
        col(PipelineRow.name),
        col(PipelineRow.is_valid),
        col(PipelineRow.is_enabled),
        manifest["description"],
        manifest["tags"],
        manifest["secrets"],
        col(PipelineRow.revision),
        col(PipelineRow.valid_revision),
        col(PipelineRow.problems),
        col(PipelineRow.hint),
        col(PipelineRow.repository),
        col(PipelineRow.commit),
        col(PipelineRow.environment_status),
        col(PipelineRow.environment_reason),
        col(PipelineRow.changed_at),
        _newest(RunStatus.FAILED) > _newest(RunStatus.SUCCESS),
    ).where(col(PipelineRow.is_present) == true())
    if names is not None:
        query = query.where(col(PipelineRow.name).in_(names))
    rows = session.connection().execute(query.order_by(col(PipelineRow.name))).all()
    return [Summary(*row) for row in rows]


def _newest(status: RunStatus) -> Any:
    """Return the id of a pipeline's newest run of that status, "" for none: one look into an index."""
    newest = select(func.max(col(RunRow.id))).where(
        RunRow.pipeline_name == PipelineRow.name, RunRow.status == status
    )
    return func.coalesce(newest.correlate(PipelineRow).scalar_subquery(), "")


def has_any(session: Session, names: Collection[str] | None = None) -> bool:
    """Whether the folder of any pipeline, or of any of these, exists."""
    query = select(PipelineRow.name).where(col(PipelineRow.is_present) == true()).limit(1)
    if names is not None:
        query = query.where(col(PipelineRow.name).in_(names))
    return session.exec(query).first() is not None


def count(session: Session) -> list[Count]:
    """Count the pipelines whose folder exists; their manifests are not read."""
    alike = (col(PipelineRow.repository), col(PipelineRow.is_valid), col(PipelineRow.environment_status))
    query = select(*alike, func.count()).where(col(PipelineRow.is_present) == true()).group_by(*alike)
    return [Count(*row) for row in session.exec(query).all()]


def triggers(session: Session) -> list[Triggers]:
    """Return what follows each pipeline whose folder exists, by name."""
    query = select(
        PipelineRow.name,
        PipelineRow.is_valid,
        PipelineRow.is_enabled,
        col(PipelineRow.valid_manifest)["downstream_triggers"],
    )
    present = query.where(col(PipelineRow.is_present) == true()).order_by(col(PipelineRow.name))
    return [Triggers(*row) for row in session.exec(present).all()]
