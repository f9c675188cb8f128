"""How the runs of pipelines have been: each look at a pipeline costs a few rows, however many it has had."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import sqlalchemy
from sqlalchemy import bindparam
from sqlmodel import Session, col, func, select

from fastflow.domain.run import TERMINAL, RunStatus
from fastflow.store.ids import first_id_within
from fastflow.store.tables import RunRow

_MOST_LOOKED_AT: Final = 200
"""Failed runs among which the latest are looked for: those that failed late may have begun early."""

# Put together once: a page asks for a hundred pipelines, and more goes into building these than into them.
_LAST: Final = (
    sqlalchemy.select(
        col(RunRow.id),
        col(RunRow.status),
        col(RunRow.created_at),
        col(RunRow.started_at),
        col(RunRow.finished_at),
    )
    .where(col(RunRow.pipeline_name) == bindparam("pipeline_name"))
    .order_by(col(RunRow.id).desc())
    .limit(bindparam("limit"))
)
_LAST_SUCCESSES: Final = (
    select(RunRow.started_at, RunRow.finished_at)
    .where(RunRow.pipeline_name == bindparam("pipeline_name"), RunRow.status == RunStatus.SUCCESS)
    .order_by(col(RunRow.id).desc())
    .limit(bindparam("limit"))
)


class PastRun(NamedTuple):
    """A run as a strip of many shows it."""

    id: str
    status: RunStatus
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def last(session: Session, pipeline_name: str, limit: int) -> list[PastRun]:
    """Return the newest runs of a pipeline, newest first."""
    rows = session.connection().execute(_LAST, {"pipeline_name": pipeline_name, "limit": limit}).all()
    return [PastRun(*row) for row in rows]


def last_durations(session: Session, pipeline_name: str, limit: int) -> list[timedelta]:
    """Return how long the newest successful runs of a pipeline took."""
    rows = session.exec(_LAST_SUCCESSES, params={"pipeline_name": pipeline_name, "limit": limit}).all()
    return [finished - started for started, finished in rows if started is not None and finished is not None]


def last_success_before(session: Session, run: RunRow) -> RunRow | None:
    """Return the newest successful run of the same pipeline that is older."""
    return session.exec(
        select(RunRow)
        .where(
            RunRow.pipeline_name == run.pipeline_name,
            RunRow.status == RunStatus.SUCCESS,
            col(RunRow.id) < run.id,
        )
        .order_by(col(RunRow.id).desc())
        .limit(1)
    ).first()


def failed_since(
    session: Session, moment: datetime, limit: int, pipelines: Collection[str] | None = None
) -> Sequence[RunRow]:
    """Return the runs that failed last, since that moment, the latest first."""
    newest = select(RunRow.id).where(RunRow.status == RunStatus.FAILED, *_of(pipelines))
    newest = newest.order_by(col(RunRow.id).desc()).limit(_MOST_LOOKED_AT)
    return session.exec(
        select(RunRow)
        .where(col(RunRow.id).in_(newest), col(RunRow.finished_at) >= moment)
        .order_by(col(RunRow.finished_at).desc(), col(RunRow.id).desc())
        .limit(limit)
    ).all()


def count_ended(
    session: Session, made_within: timedelta, at_most: int, pipelines: Collection[str] | None = None
) -> dict[RunStatus, int]:
    """Count the runs that were made within that time and have ended, by status, each up to `at_most`.

    Read from an index alone.
    """
    counts: dict[RunStatus, int] = {}
    for status in sorted(TERMINAL):
        made = select(RunRow.id).where(
            RunRow.status == status, col(RunRow.id) >= first_id_within(made_within)
        )
        some = made.where(*_of(pipelines)).limit(at_most).subquery()
        counts[status] = session.exec(select(func.count()).select_from(some)).one()
    return counts


def has_any(session: Session, pipelines: Collection[str] | None = None) -> bool:
    """Whether there was ever a run."""
    return session.exec(select(RunRow.id).where(*_of(pipelines)).limit(1)).first() is not None


def _of(pipelines: Collection[str] | None) -> list[Any]:
    return [] if pipelines is None else [col(RunRow.pipeline_name).in_(pipelines)]
