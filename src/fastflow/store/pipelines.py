"""Pipelines: what was seen of them last."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from fastflow.store.tables import PipelineRow


def save(session: Session, row: PipelineRow) -> PipelineRow:
    """Insert or replace what is known of a pipeline."""
    return session.merge(row)


def get(session: Session, name: str) -> PipelineRow | None:
    """Return the pipeline of that name, also where its folder has vanished."""
    return session.get(PipelineRow, name)


def every(session: Session) -> Sequence[PipelineRow]:
    """Return all pipelines by name, the vanished too."""
    return session.exec(select(PipelineRow).order_by(col(PipelineRow.name))).all()
