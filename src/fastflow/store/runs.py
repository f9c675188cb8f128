"""Runs: the one writer of their status, and every query about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, inspect, update
from sqlmodel import Session, col, func, or_, select

from fastflow.domain.run import ACTIVE, TERMINAL, RunStatus, Trigger, sources_of
from fastflow.store import statistics
from fastflow.store.tables import RunRow


@dataclass(frozen=True, slots=True)
class RunFilter:
    """What a list of runs is narrowed to; None does not narrow."""

    pipeline_name: str | None = None
    statuses: frozenset[RunStatus] | None = None
    trigger: Trigger | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    text: str | None = None
    """Part of a pipeline's name, of a reason, or part of an id; ignoring case."""
    upstream_run_id: str | None = None
    """The run that they follow."""
    pipelines: frozenset[str] | None = None
    """Only runs of these."""
    ids: frozenset[str] | None = None
    """Only these."""
    newer_than: str | None = None
    """Only those made after this id: the search ends there, however many are older."""


def insert(session: Session, run: RunRow) -> RunRow:
    """Add a new run; one that is born ended enters the statistics."""
    session.add(run)
    session.flush()
    if run.status in TERMINAL:
        statistics.count(session, run)
    return run


def insert_queued(session: Session, columns: Sequence[Mapping[str, Any]]) -> None:
    """Add new runs that wait for a slot, each with the same columns; one statement for all."""
    session.bulk_insert_mappings(
        inspect(RunRow), [{"attempt_count": 0, **row} for row in columns], render_nulls=True
    )


def get(session: Session, run_id: str) -> RunRow | None:
    """Return the run of that id."""
    return session.get(RunRow, run_id)


def transition(session: Session, run_id: str, to: RunStatus, **changes: Any) -> bool:
    """Move the run to a status with further changes, if the table of transitions allows it now.

    Returns False, having changed nothing, where somebody else was first; the caller drops its result.
    A row of this run that the session has loaded shows the changes.
    """
    run = _change(session, run_id, sources_of(to), status=to, **changes)
    if run is not None and to in TERMINAL:
        statistics.count(session, run)
    return run is not None


def amend(session: Session, run_id: str, **changes: Any) -> bool:
    """Change columns of a run that has not ended, and of its row if loaded; False where it has ended."""
    return _change(session, run_id, ACTIVE, **changes) is not None


def request_cancel(session: Session, run_id: str, at: datetime, reason: str) -> bool:
    """Note that the run is to end; False where it has ended or was asked before."""
    statement = (
        update(RunRow)
        .where(
            col(RunRow.id) == run_id,
            col(RunRow.status).in_(ACTIVE),
            col(RunRow.cancel_requested_at).is_(None),
        )
        .values(cancel_requested_at=at, cancel_reason=reason)
        .execution_options(synchronize_session=False)
    )
    return session.exec(statement).rowcount == 1


def with_idempotency_key(session: Session, pipeline_name: str, key: str) -> RunRow | None:
    """Return the run that this key made before."""
    return session.exec(
        select(RunRow).where(RunRow.pipeline_name == pipeline_name, RunRow.idempotency_key == key)
    ).first()


def started_by(session: Session, run_id: str) -> Sequence[RunRow]:
    """Return the runs that a run has started by its triggers, oldest first; not their later repeats."""
    return session.exec(
        select(RunRow)
        .where(RunRow.upstream_run_id == run_id, RunRow.trigger == Trigger.UPSTREAM)
        .order_by(col(RunRow.id))
    ).all()


def active(session: Session, pipeline_name: str) -> Sequence[RunRow]:
    """Return the runs of a pipeline that have not ended, oldest first."""
    return session.exec(
        select(RunRow)
        .where(RunRow.pipeline_name == pipeline_name, col(RunRow.status).in_(ACTIVE))
        .order_by(col(RunRow.id))
    ).all()


def count_admitted(session: Session, pipeline_name: str) -> int:
    """Return how many runs of a pipeline occupy one of its `max_instances`."""
    return session.exec(
        select(func.count())
        .select_from(RunRow)
        .where(
            RunRow.pipeline_name == pipeline_name,
            col(RunRow.status).in_(ACTIVE),
            col(RunRow.admitted_at).is_not(None),
        )
    ).one()


def page(session: Session, narrowed: RunFilter, limit: int, before_id: str | None = None) -> Sequence[RunRow]:
    """Return the newest `limit` runs, or those older than `before_id` (keyset pagination)."""
    query = select(RunRow).order_by(col(RunRow.id).desc()).limit(limit)
    if before_id is not None:
        query = query.where(col(RunRow.id) < before_id)
    if narrowed.pipeline_name is not None:
        query = query.where(RunRow.pipeline_name == narrowed.pipeline_name)
    if narrowed.pipelines is not None:
        query = query.where(col(RunRow.pipeline_name).in_(narrowed.pipelines))
    if narrowed.statuses is not None:
        query = query.where(col(RunRow.status).in_(narrowed.statuses))
    if narrowed.trigger is not None:
        query = query.where(RunRow.trigger == narrowed.trigger)
    query = query.where(*_bounds(narrowed))
    if narrowed.upstream_run_id is not None:
        query = query.where(RunRow.upstream_run_id == narrowed.upstream_run_id)
    if narrowed.text:
        query = query.where(
            or_(
                col(RunRow.pipeline_name).icontains(narrowed.text, autoescape=True),
                col(RunRow.reason).icontains(narrowed.text, autoescape=True),
                col(RunRow.id).icontains(narrowed.text, autoescape=True),
            )
        )
    return session.exec(query).all()


def _bounds(narrowed: RunFilter) -> list[ColumnElement[bool]]:
    bounds: list[ColumnElement[bool]] = []
    if narrowed.created_from is not None:
        bounds.append(col(RunRow.created_at) >= narrowed.created_from)
    if narrowed.created_before is not None:
        bounds.append(col(RunRow.created_at) < narrowed.created_before)
    if narrowed.newer_than is not None:
        bounds.append(col(RunRow.id) > narrowed.newer_than)
    if narrowed.ids is not None:
        bounds.append(col(RunRow.id).in_(narrowed.ids))
    return bounds


def count_by_status(session: Session) -> dict[RunStatus, int]:
    """Return how many runs are active, by status; runs that have ended are not counted."""
    rows = session.exec(
        select(RunRow.status, func.count()).where(col(RunRow.status).in_(ACTIVE)).group_by(RunRow.status)
    ).all()
    return {RunStatus(status): count for status, count in rows}


def revisions_since(session: Session, moment: datetime) -> set[tuple[str, str]]:
    """Return pipeline and revision of the runs that are active or were made since that moment."""
    rows = session.exec(
        select(RunRow.pipeline_name, RunRow.revision)
        .where(
            col(RunRow.revision).is_not(None),
            or_(col(RunRow.created_at) >= moment, col(RunRow.status).in_(ACTIVE)),
        )
        .distinct()
    ).all()
    return {(name, revision) for name, revision in rows if revision is not None}


def commits_since(session: Session, repository: str, moment: datetime) -> set[str]:
    """Return the commits of a repository's runs that are active or were made since that moment."""
    rows = session.exec(
        select(RunRow.commit)
        .where(
            RunRow.repository == repository,
            col(RunRow.commit).is_not(None),
            or_(col(RunRow.created_at) >= moment, col(RunRow.status).in_(ACTIVE)),
        )
        .distinct()
    ).all()
    return {commit for commit in rows if commit is not None}


def _change(session: Session, run_id: str, sources: frozenset[RunStatus], **changes: Any) -> RunRow | None:
    """Change a run that has one of these statuses; return it as it is then. One statement."""
    statement = (
        update(RunRow)
        .where(col(RunRow.id) == run_id, col(RunRow.status).in_(sources))
        .values(**changes)
        .returning(RunRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return session.scalars(statement).one_or_none()
