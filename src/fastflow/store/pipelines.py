"""Pipelines: what was seen of them last."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from pydantic import JsonValue
from sqlalchemy import true
from sqlmodel import Session, col, func, select

from fastflow.domain.environment import EnvironmentStatus
from fastflow.store.tables import PipelineRow


class Triggers(NamedTuple):
    """Which pipelines are to follow one."""

    name: str
    is_valid: bool
    is_enabled: bool
    stored: JsonValue
    """`downstream_triggers` of its last valid manifest, mostly the present one; None: it says nothing."""


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
