"""Syncs: one row for each look at a repository's remote that somebody asked for, or that had a result."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlmodel import Session, col, select

from fastflow.domain.repository import SyncStatus
from fastflow.store.tables import SyncRow


def insert(session: Session, row: SyncRow) -> SyncRow:
    """Add a sync."""
    session.add(row)
    session.flush()
    return row


def get(session: Session, sync_id: str) -> SyncRow | None:
    """Return the sync of that id."""
    return session.get(SyncRow, sync_id)


def page(
    session: Session, repository_name: str | None, limit: int, before_id: str | None = None
) -> Sequence[SyncRow]:
    """Return the newest `limit` syncs, or those older than `before_id` (keyset pagination)."""
    query = select(SyncRow).order_by(col(SyncRow.id).desc()).limit(limit)
    if repository_name is not None:
        query = query.where(SyncRow.repository_name == repository_name)
    if before_id is not None:
        query = query.where(col(SyncRow.id) < before_id)
    return session.exec(query).all()


def newest(session: Session, repository_id: str, status: SyncStatus | None = None) -> SyncRow | None:
    """Return the newest sync of a repository; with a status, the newest that ended so."""
    query = select(SyncRow).where(SyncRow.repository_id == repository_id)
    if status is not None:
        query = query.where(SyncRow.status == status)
    return session.exec(query.order_by(col(SyncRow.id).desc()).limit(1)).first()


def running(session: Session) -> Sequence[SyncRow]:
    """Return those that have not ended, or whose server ended first."""
    return session.exec(select(SyncRow).where(SyncRow.status == SyncStatus.RUNNING)).all()


def trim(session: Session, repository_id: str, keep: int, keep_unchanged: int) -> int:
    """Delete all but the newest `keep` syncs of a repository; return how many.

    Of the successes that changed nothing only the newest `keep_unchanged` stay.
    """
    unchanged = (
        col(SyncRow.status) == SyncStatus.SUCCESS,
        col(SyncRow.commit_before) == col(SyncRow.commit_after),
    )
    deleted = 0
    for conditions, kept in (((), keep), (unchanged, keep_unchanged)):
        of_these = (col(SyncRow.repository_id) == repository_id, *conditions)
        newest_ids = select(SyncRow.id).where(*of_these).order_by(col(SyncRow.id).desc())
        oldest_kept = session.exec(newest_ids.offset(kept - 1).limit(1)).first()
        if oldest_kept is not None:
            statement = delete(SyncRow).where(*of_these, col(SyncRow.id) < oldest_kept)
            deleted += session.exec(statement).rowcount
    return deleted


def repositories_of_syncs(session: Session) -> Sequence[str]:
    """Return the ids of the repositories that syncs are kept of, the removed ones too."""
    return session.exec(select(SyncRow.repository_id).distinct()).all()
