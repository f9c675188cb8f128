"""Attempts: the queue, its fair claim, and writes that only the holder of the lease can make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, bindparam, case, insert, inspect, text, update
from sqlmodel import Session, col, func, or_, select

from fastflow.domain.run import ATTEMPT_TRANSITIONS, HOLDS_A_SLOT, AttemptStatus
from fastflow.store import runs
from fastflow.store.ids import new_id
from fastflow.store.tables import AttemptRow, RunRow
from fastflow.store.tables.columns import UtcDateTime

_RUNS_LOOKED_AT: Final = 30
_CLAIM_LOCK: Final = 0x66617374  # any number, the same for every worker on one PostgreSQL

_ENQUEUE: Final = insert(AttemptRow)

# Put together once: of a claim's time more goes into building these than into executing them.
_IS_DUE: Final = and_(
    col(AttemptRow.status) == AttemptStatus.QUEUED,
    col(AttemptRow.available_at) <= bindparam("now", type_=UtcDateTime),
)
_TURNS: Final = (
    select(
        AttemptRow.pipeline_name,
        func.count(case((col(AttemptRow.status).in_(HOLDS_A_SLOT), 1))),
        func.min(case((_IS_DUE, col(AttemptRow.available_at)))),
    )
    .where(col(AttemptRow.status).in_({*HOLDS_A_SLOT, AttemptStatus.QUEUED}))
    .group_by(col(AttemptRow.pipeline_name))
)
_HEAD: Final = (
    select(AttemptRow, RunRow)
    .join(RunRow, col(RunRow.id) == AttemptRow.run_id)
    .where(_IS_DUE, AttemptRow.pipeline_name == bindparam("pipeline_name"))
    .order_by(col(AttemptRow.available_at), col(AttemptRow.run_id))
    .limit(1)
)
_HEAD_OF_THE_BEGUN: Final = _HEAD.where(col(RunRow.admitted_at).is_not(None))
"""A retry, or an attempt that was given back: its run occupies one of `max_instances` already."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's claim on one attempt. Every later write names its token."""

    run_id: str
    number: int
    token: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed attempt with all a worker needs to know."""

    lease: Lease
    run: RunRow
    attempt: AttemptRow


def enqueue(session: Session, run: RunRow, number: int, available_at: datetime) -> None:
    """Add an attempt to the queue, of a run that is stored."""
    row = {
        "run_id": run.id,
        "number": number,
        "pipeline_name": run.pipeline_name,
        "status": AttemptStatus.QUEUED,
        "available_at": available_at,
    }
    session.connection().execute(_ENQUEUE, row)
    _tell_the_queue(session)


def enqueue_first(session: Session, runs_of: Sequence[tuple[str, str]], available_at: datetime) -> None:
    """Add the first attempts of runs (id and pipeline) to the queue; one statement for all."""
    rows = [
        {
            "run_id": run_id,
            "number": 1,
            "pipeline_name": pipeline_name,
            "status": AttemptStatus.QUEUED,
            "available_at": available_at,
        }
        for run_id, pipeline_name in runs_of
    ]
    session.bulk_insert_mappings(inspect(AttemptRow), rows)
    _tell_the_queue(session)


def claim_next(
    session: Session,
    host: str,
    now: datetime,
    lease_for: timedelta,
    slots: int,
    last_turns: Mapping[str, int] | None = None,
) -> Claim | None:
    """Claim the attempt whose turn it is; None where no slot is free or nothing is due.

    Turns go to the pipeline that holds the fewest slots, among those to the one whose last turn (a number
    that grows) is longest ago, then to the attempt that waits longest. So a pipeline with a thousand runs
    waiting can't starve one with a single run, with one slot as little as with many.
    """
    if session.get_bind().dialect.name == "postgresql":
        # Counting slots and taking one must be one step for all workers; SQLite's BEGIN IMMEDIATE is.
        session.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CLAIM_LOCK})
    used, waiting = _slots_and_turns(session, now, last_turns or {})
    if used >= slots:
        return None
    for pipeline_name in waiting:
        head = _head_of_queue(session, pipeline_name, now)
        if head is not None:
            return _take(session, *head, host, now, lease_for)
    return None


def next_due(session: Session) -> datetime | None:
    """Return when the earliest queued attempt becomes available."""
    return session.exec(
        select(func.min(AttemptRow.available_at)).where(AttemptRow.status == AttemptStatus.QUEUED)
    ).one()


def bring_forward(session: Session, now: datetime, by: timedelta) -> int:
    """Have nobody wait for a time that the clock was set back from; return how many attempts waited.

    First attempts never wait for a moment of their own; of later ones the pause that is left stays.
    """
    rows = session.exec(
        select(AttemptRow).where(
            col(AttemptRow.status) == AttemptStatus.QUEUED, col(AttemptRow.available_at) > now
        )
    ).all()
    for row in rows:
        row.available_at = now if row.number == 1 else max(now, row.available_at - by)
        session.add(row)
    return len(rows)


def renew(session: Session, leases: Sequence[Lease], until: datetime) -> set[Lease]:
    """Extend the leases; return those that somebody else has taken over.

    One whose attempt has ended under it is not among them: its holder is still clearing up.
    """
    over = [lease for lease in leases if not _write(session, lease, lease_expires_at=until)]
    return {lease for lease in over if not _has_ended_under(session, lease)}


def _has_ended_under(session: Session, lease: Lease) -> bool:
    row = session.get(AttemptRow, (lease.run_id, lease.number))
    return row is not None and row.status is AttemptStatus.ENDED and row.lease_token == lease.token


def start(session: Session, lease: Lease, at: datetime, reference: str, **changes: Any) -> bool:
    """Note that the attempt's container runs; False where the lease is lost."""
    return _write(session, lease, to=AttemptStatus.RUNNING, started_at=at, reference=reference, **changes)


def keep_secret_values(session: Session, lease: Lease, ciphertext: str) -> bool:
    """Keep what the attempt receives until it ends; False where the lease is lost."""
    return _write(session, lease, secret_values=ciphertext)


def end(session: Session, lease: Lease, at: datetime, **changes: Any) -> bool:
    """Conclude the attempt and give its slot back; False where the lease is lost."""
    _tell_the_queue(session)
    return _write(
        session,
        lease,
        to=AttemptStatus.ENDED,
        finished_at=at,
        lease_expires_at=None,
        secret_values=None,
        **changes,
    )


def give_back(session: Session, lease: Lease, available_at: datetime) -> bool:
    """Return a claimed attempt of which nothing was started to the queue."""
    _tell_the_queue(session)
    return _write(
        session,
        lease,
        to=AttemptStatus.QUEUED,
        available_at=available_at,
        lease_token=None,
        lease_expires_at=None,
        host=None,
        claimed_at=None,
        secret_values=None,
    )


def drop_queued(session: Session, run_id: str, at: datetime, **changes: Any) -> bool:
    """End the queued attempt of a run that was cancelled; False where none waits in the queue."""
    _tell_the_queue(session)
    statement = (
        update(AttemptRow)
        .where(col(AttemptRow.run_id) == run_id, col(AttemptRow.status) == AttemptStatus.QUEUED)
        .values(status=AttemptStatus.ENDED, finished_at=at, log_lines=0, **changes)
        .execution_options(synchronize_session=False)
    )
    return session.exec(statement).rowcount == 1


def held(session: Session, *, host: str, expired_at: datetime) -> Sequence[AttemptRow]:
    """Return the claimed attempts of this host, and those of any host whose lease has run out."""
    return session.exec(
        select(AttemptRow)
        .where(
            col(AttemptRow.status).in_(HOLDS_A_SLOT),
            or_(col(AttemptRow.host) == host, col(AttemptRow.lease_expires_at) < expired_at),
        )
        .order_by(col(AttemptRow.run_id))
    ).all()


def take_over(
    session: Session, attempt: AttemptRow, host: str, now: datetime, lease_for: timedelta
) -> Lease | None:
    """Replace a lease that is known to be dead by a new one; None where another was first."""
    token = new_id()
    statement = (
        update(AttemptRow)
        .where(
            col(AttemptRow.run_id) == attempt.run_id,
            col(AttemptRow.number) == attempt.number,
            col(AttemptRow.status).in_(HOLDS_A_SLOT),
            col(AttemptRow.lease_token) == attempt.lease_token,
        )
        .values(lease_token=token, lease_expires_at=now + lease_for, host=host)
        .execution_options(synchronize_session=False)
    )
    if session.exec(statement).rowcount != 1:
        return None
    return Lease(attempt.run_id, attempt.number, token)


def of_run(session: Session, run_id: str) -> Sequence[AttemptRow]:
    """Return the attempts of a run, first to last."""
    return session.exec(
        select(AttemptRow).where(AttemptRow.run_id == run_id).order_by(col(AttemptRow.number))
    ).all()


def newest_environment(
    session: Session, pipeline_name: str, revision: str
) -> tuple[str | None, str | None] | None:
    """Return environment and lockfile of the last attempt of that revision, if a recent run had any."""
    last = select(RunRow.id).where(RunRow.pipeline_name == pipeline_name).order_by(col(RunRow.id).desc())
    last = last.limit(_RUNS_LOOKED_AT).subquery()
    return session.exec(
        select(AttemptRow.environment_key, AttemptRow.lockfile_key)
        .join(RunRow, col(RunRow.id) == AttemptRow.run_id)
        .where(
            col(AttemptRow.run_id).in_(select(last.c.id)),
            col(AttemptRow.environment_key).is_not(None),
            RunRow.revision == revision,
        )
        .order_by(col(AttemptRow.run_id).desc(), col(AttemptRow.number).desc())
        .limit(1)
    ).first()


def slots_in_use(session: Session) -> int:
    """Return how many slots are held."""
    return session.exec(
        select(func.count()).select_from(AttemptRow).where(col(AttemptRow.status).in_(HOLDS_A_SLOT))
    ).one()


def holding_slots(session: Session) -> set[tuple[str, int]]:
    """Return run and number of every attempt that holds a slot."""
    rows = session.exec(
        select(AttemptRow.run_id, AttemptRow.number).where(col(AttemptRow.status).in_(HOLDS_A_SLOT))
    ).all()
    return {(run_id, number) for run_id, number in rows}


def hosts_holding_slots(session: Session) -> set[str]:
    """Return the hosts whose attempts hold a slot."""
    rows = session.exec(
        select(AttemptRow.host).where(col(AttemptRow.status).in_(HOLDS_A_SLOT)).distinct()
    ).all()
    return {host for host in rows if host is not None}


def environments_in_use(session: Session) -> set[str]:
    """Return the environments of the attempts that hold a slot, once they were started."""
    rows = session.exec(
        select(AttemptRow.environment_key)
        .where(col(AttemptRow.environment_key).is_not(None), col(AttemptRow.status).in_(HOLDS_A_SLOT))
        .distinct()
    ).all()
    return {key for key in rows if key is not None}


def tell_nobody_yet(session: Session) -> None:
    """Have nobody woken after the commit; the caller sets `queue_changed` when all is in the queue."""
    session.info.pop("has_queue_changed", None)


def _tell_the_queue(session: Session) -> None:
    """Have those woken after the commit who wait for a turn or for a free slot."""
    session.info["has_queue_changed"] = True


def _slots_and_turns(session: Session, now: datetime, last_turns: Mapping[str, int]) -> tuple[int, list[str]]:
    """Return how many slots are held, and the pipelines with an attempt that is due, by their turn."""
    rows = session.exec(_TURNS, params={"now": now}).all()
    turns = sorted(
        (used, last_turns.get(name, 0), due_at, name) for name, used, due_at in rows if due_at is not None
    )
    return sum(used for _, used, _ in rows), [name for *_, name in turns]


def _head_of_queue(session: Session, pipeline_name: str, now: datetime) -> tuple[AttemptRow, RunRow] | None:
    """Return the attempt that waits longest, with its run.

    Where `max_instances` does not let it begin, return the one that waits longest of those that have begun:
    they are what it waits for, so they must be found behind however many.
    """
    values = {"pipeline_name": pipeline_name, "now": now}
    head = session.exec(_HEAD, params=values).first()
    if head is None:
        return None
    _, run = head
    if run.max_instances is None or run.admitted_at is not None:
        return head
    if runs.count_admitted(session, pipeline_name) < run.max_instances:
        return head
    return session.exec(_HEAD_OF_THE_BEGUN, params=values).first()


def _take(
    session: Session, attempt: AttemptRow, run: RunRow, host: str, now: datetime, lease_for: timedelta
) -> Claim | None:
    lease = Lease(attempt.run_id, attempt.number, new_id())
    statement = (
        update(AttemptRow)
        .where(
            col(AttemptRow.run_id) == attempt.run_id,
            col(AttemptRow.number) == attempt.number,
            col(AttemptRow.status) == AttemptStatus.QUEUED,
        )
        .values(
            status=AttemptStatus.PREPARING,
            lease_token=lease.token,
            lease_expires_at=now + lease_for,
            host=host,
            claimed_at=now,
        )
        .returning(AttemptRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if session.scalars(statement).one_or_none() is None:
        return None
    runs.amend(session, run.id, admitted_at=run.admitted_at or now, attempt_count=attempt.number)
    return Claim(lease, run, attempt)


def _write(session: Session, lease: Lease, to: AttemptStatus | None = None, **changes: Any) -> bool:
    sources = HOLDS_A_SLOT
    if to is not None:
        changes["status"] = to
        sources = frozenset(s for s in HOLDS_A_SLOT if to in ATTEMPT_TRANSITIONS[s])
    statement = (
        update(AttemptRow)
        .where(
            col(AttemptRow.run_id) == lease.run_id,
            col(AttemptRow.number) == lease.number,
            col(AttemptRow.lease_token) == lease.token,
            col(AttemptRow.status).in_(sources),
        )
        .values(**changes)
        .execution_options(synchronize_session=False)
    )
    return session.exec(statement).rowcount == 1
