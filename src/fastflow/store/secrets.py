"""Stored secrets: global ones, and those of one pipeline."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from fastflow.store.tables import SecretRow
from fastflow.store.tables.secrets import GLOBAL


def get(session: Session, pipeline_name: str, name: str) -> SecretRow | None:
    """Return the secret of that name which is this pipeline's own; of `GLOBAL` the one for all."""
    return session.get(SecretRow, (pipeline_name, name))


def every(session: Session, pipeline_name: str | None = None) -> Sequence[SecretRow]:
    """Return all secrets, or only those that this pipeline may list: its own and the global ones."""
    query = select(SecretRow).order_by(col(SecretRow.name), col(SecretRow.pipeline_name))
    if pipeline_name is not None:
        query = query.where(col(SecretRow.pipeline_name).in_((GLOBAL, pipeline_name)))
    return session.exec(query).all()


def for_pipeline(session: Session, pipeline_name: str, names: Collection[str]) -> dict[str, SecretRow]:
    """Return what a pipeline gets for these names: its own secret, else the global one; the rest lacks."""
    query = select(SecretRow).where(
        col(SecretRow.name).in_(names), col(SecretRow.pipeline_name).in_((GLOBAL, pipeline_name))
    )
    # The global one comes first and is replaced.
    return {row.name: row for row in session.exec(query.order_by(col(SecretRow.pipeline_name))).all()}


def names(session: Session) -> set[tuple[str, str]]:
    """Return which secrets there are: whose (`GLOBAL`: everybody's), and the name."""
    return set(session.exec(select(SecretRow.pipeline_name, SecretRow.name)).all())


def add(session: Session, row: SecretRow) -> None:
    """Keep a new secret."""
    session.add(row)


def remove(session: Session, row: SecretRow) -> None:
    """Forget a secret."""
    session.delete(row)


def note_use(session: Session, rows: Collection[SecretRow], run_id: str, at: datetime) -> None:
    """Remember which run received these secrets last."""
    for row in rows:
        session.exec(
            update(SecretRow)
            .where(col(SecretRow.pipeline_name) == row.pipeline_name, col(SecretRow.name) == row.name)
            .values(last_used_at=at, last_run_id=run_id)
            .execution_options(synchronize_session=False)
        )
