"""Runs that have become too old: found and deleted a few at a time, however many there are."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from fastflow.domain.run import TERMINAL
from fastflow.store.ids import first_id_since
from fastflow.store.tables import AttemptRow, PayloadRow, RunRow


def next_pipeline(session: Session, after: str) -> str | None:
    """Return the name of the pipeline that follows, of all that have runs; one step in an index."""
    return session.exec(select(func.min(RunRow.pipeline_name)).where(RunRow.pipeline_name > after)).one()


def due(
    session: Session,
    pipeline_name: str,
    *,
    newest_kept: int | None,
    made_before: datetime | None,
    untouched_since: datetime,
    limit: int,
) -> Sequence[str]:
    """Return the oldest runs of a pipeline that may go: beyond its newest ones, or made before that moment.

    Its newest run always stays, and so does each that has not ended or was made since `untouched_since`.
    """
    bounds = [_nth_newest(session, pipeline_name, newest_kept)] if newest_kept is not None else []
    if made_before is not None:
        bounds.append(first_id_since(made_before))
    newest = _nth_newest(session, pipeline_name, 1)
    bound = max((each for each in bounds if each is not None), default=None)
    if bound is None or newest is None:
        return ()
    return session.exec(
        select(RunRow.id)
        .where(
            RunRow.pipeline_name == pipeline_name,
            col(RunRow.id) < min(bound, newest, first_id_since(untouched_since)),
            col(RunRow.status).in_(TERMINAL),
        )
        .order_by(col(RunRow.id))
        .limit(limit)
    ).all()


def remove(session: Session, run_ids: Sequence[str]) -> None:
    """Delete these runs with their attempts and payloads; their days stay in the statistics."""
    for statement in (
        delete(AttemptRow).where(col(AttemptRow.run_id).in_(run_ids)),
        delete(PayloadRow).where(col(PayloadRow.run_id).in_(run_ids)),
        delete(RunRow).where(col(RunRow.id).in_(run_ids)),
    ):
        session.exec(statement.execution_options(synchronize_session=False))


def _nth_newest(session: Session, pipeline_name: str, number: int) -> str | None:
    """Return the id of the oldest run among the newest `number`; None where there are not so many."""
    return session.exec(
        select(RunRow.id)
        .where(RunRow.pipeline_name == pipeline_name)
        .order_by(col(RunRow.id).desc())
        .offset(number - 1)
        .limit(1)
    ).first()
