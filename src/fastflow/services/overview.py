"""Sums up what goes on: what runs, what waits and for what, what failed lately."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from fastflow.domain.log import LogKey, Sample
from fastflow.domain.ports import Clock, MetricStore
from fastflow.domain.run import RunStatus
from fastflow.domain.waiting import Queued, WaitsFor, what_it_waits_for
from fastflow.services.estimates import estimated_seconds
from fastflow.store import pipelines, queue, run_history
from fastflow.store.database import Database
from fastflow.store.tables import AttemptRow, RunRow

LATELY: Final = timedelta(hours=24)
MOST_QUEUED: Final = 50
MOST_FAILED: Final = 10
MOST_RUNNING: Final = 100
MOST_COUNTED: Final = 100_000
_MOST_RETRYING: Final = 1_000

Pair = tuple[AttemptRow, RunRow]


@dataclass(frozen=True, slots=True)
class Running:
    """A run that holds a slot."""

    run: RunRow
    attempt: AttemptRow
    estimated_seconds: float | None
    sample: Sample | None
    """What it used last."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that waits."""

    run: RunRow
    attempt: AttemptRow
    waits_for: WaitsFor
    reason: str


@dataclass(frozen=True, slots=True)
class Now:
    """What goes on at this moment, of the pipelines that were asked for."""

    at: datetime
    running: Sequence[Running]
    """The `MOST_RUNNING` that began first."""
    running_total: int
    queued: Sequence[Waiting]
    queued_total: int
    slots: int
    slots_in_use: int
    """By all pipelines."""
    failed: Sequence[RunRow]
    ended: dict[RunStatus, int]
    has_pipelines: bool
    has_runs: bool


@dataclass(frozen=True, slots=True)
class _Stored:
    holders: Sequence[Pair]
    begun: Counter[str]
    estimates: dict[str, float]
    waiting: Sequence[Pair]
    waiting_total: int
    failed: Sequence[RunRow]
    ended: dict[RunStatus, int]
    has_pipelines: bool
    has_runs: bool


class Overview:
    """Reads a bounded number of rows, however many runs there are."""

    def __init__(self, database: Database, metrics: MetricStore, clock: Clock, slots: int) -> None:
        self._database = database
        self._metrics = metrics
        self._clock = clock
        self._slots = slots

    async def now(self, only: Collection[str] | None = None) -> Now:
        """Look at all pipelines, or only at these."""
        now = self._clock.now()
        stored = await self._database.read(lambda session: _read(session, now, only))
        own = [pair for pair in stored.holders if only is None or pair[1].pipeline_name in only]
        shown = own[:MOST_RUNNING]
        samples = await self._metrics.newest([LogKey(run.id, attempt.number) for attempt, run in shown])
        running = [
            Running(run, attempt, stored.estimates.get(run.pipeline_name), sample)
            for (attempt, run), sample in zip(shown, samples, strict=True)
        ]
        return Now(
            now,
            running,
            len(own),
            [self._waiting(pair, now, stored) for pair in stored.waiting],
            stored.waiting_total,
            self._slots,
            len(stored.holders),
            stored.failed,
            stored.ended,
            stored.has_pipelines,
            stored.has_runs,
        )

    def _waiting(self, pair: Pair, now: datetime, stored: _Stored) -> Waiting:
        attempt, run = pair
        queued = Queued(
            run.status, attempt.available_at, run.reason, run.admitted_at is not None, run.max_instances
        )
        waits_for, reason = what_it_waits_for(
            queued,
            now,
            begun=stored.begun[run.pipeline_name],
            slots_in_use=len(stored.holders),
            slots=self._slots,
        )
        return Waiting(run, attempt, waits_for, reason)


def _read(session: Session, now: datetime, only: Collection[str] | None) -> _Stored:
    holders = queue.holders(session)
    own = [run.pipeline_name for _, run in holders if only is None or run.pipeline_name in only]
    waiting = queue.waiting(session, MOST_QUEUED, {run.id for _, run in holders}, only)
    return _Stored(
        holders=holders,
        begun=_begun(session, holders, {run.pipeline_name for _, run in waiting if run.max_instances}),
        estimates=estimated_seconds(session, own[:MOST_RUNNING]),
        waiting=waiting,
        waiting_total=queue.count_waiting(session, only),
        failed=run_history.failed_since(session, now - LATELY, MOST_FAILED, only),
        ended=run_history.count_ended(session, LATELY, MOST_COUNTED, only),
        has_pipelines=pipelines.has_any(session, only),
        has_runs=run_history.has_any(session, only),
    )


def _begun(session: Session, holders: Iterable[Pair], names: Collection[str]) -> Counter[str]:
    """Count the runs of these pipelines that have begun and have not ended."""
    ids: dict[str, set[str]] = defaultdict(set)
    if names:
        for name, run_id in queue.retrying(session, names, _MOST_RETRYING):
            ids[name].add(run_id)
        for _, run in holders:
            ids[run.pipeline_name].add(run.id)
    return Counter({name: len(begun) for name, begun in ids.items()})
