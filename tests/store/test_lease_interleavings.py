"""Workers race for attempts in every order Hypothesis can think of; none is ever executed twice at once.

Workers on two hosts claim, start, renew, conclude and die at any moment, and time passes. What survives
a dead worker is what survives in reality: its container. The Engine is modelled as a set of containers, one
of a name, as the real one enforces it.
"""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlmodel import Session, select

from fastflow.domain.outcome import Outcome
from fastflow.domain.run import HOLDS_A_SLOT, AttemptStatus
from fastflow.store import attempts
from fastflow.store.attempts import Lease
from fastflow.store.database import Database
from fastflow.store.tables import AttemptRow
from tests.store.test_attempts import queued

T = TypeVar("T")
Key = tuple[str, int]
LEASE = timedelta(seconds=30)
SLOTS = 3
START = datetime(2026, 1, 1, tzinfo=UTC)
WORKER = st.integers(0, 2)


@dataclass
class Worker:
    """What a worker believes to hold. A dead one believes nothing."""

    host: str
    leases: dict[Key, Lease] = field(default_factory=dict[Key, Lease])

    def any(self, choice: int) -> Lease | None:
        return list(self.leases.values())[choice % len(self.leases)] if self.leases else None


class Race(RuleBasedStateMachine):
    """The queue under concurrent workers."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(f"sqlite:///{Path(self.folder.name) / 'race.db'}")
        self.loop.run_until_complete(self.database.migrate())
        self.now = START
        self.workers = [Worker("one"), Worker("two"), Worker("three")]
        self.containers: set[Key] = set()
        self.concluded: set[Key] = set()
        self.holder: dict[Key, str] = {}
        """The token that was given out last for each attempt: nobody else may change anything."""

    def teardown(self) -> None:
        self.loop.run_until_complete(self.database.close())
        self.loop.close()
        self.folder.cleanup()

    def write(self, work: Callable[[Session], T]) -> T:
        return self.loop.run_until_complete(self.database.write(work))

    def only_the_holder(self, lease: Lease, has_written: bool) -> bool:
        """Pass on whether a write was done; it must not have been, but by the holder."""
        if has_written:
            assert self.holder[lease.run_id, lease.number] == lease.token, "a stale worker wrote"
        return has_written

    @rule(pipeline=st.sampled_from("ab"))
    def trigger(self, pipeline: str) -> None:
        self.write(queued(pipeline, self.now))

    @rule(seconds=st.sampled_from([1, 10]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(rescuer=WORKER)
    def leases_run_out(self, rescuer: int) -> None:
        """Everyone is cut off from the database for longer than a lease; one comes back first."""
        self.now += LEASE + timedelta(seconds=1)
        self.reconcile(rescuer)

    @rule(index=WORKER)
    def claim(self, index: int) -> None:
        worker = self.workers[index]
        taken = self.write(lambda s: attempts.claim_next(s, worker.host, self.now, LEASE, SLOTS))
        if taken is None:
            self.trigger("a")
        else:
            worker.leases[taken.run.id, taken.attempt.number] = taken.lease
            self.holder[taken.run.id, taken.attempt.number] = taken.lease.token

    @rule(index=WORKER, choice=st.integers(0, 5))
    def start(self, index: int, choice: int) -> None:
        """Start the container, then write that down; somebody else may have been faster in between."""
        worker = self.workers[index]
        lease = worker.any(choice)
        if lease is None:
            return
        key = (lease.run_id, lease.number)
        if key in self.containers:  # the Engine refuses a second container of that name
            return
        rows = self.write(lambda s: [r for r in attempts.of_run(s, lease.run_id) if r.number == lease.number])
        if rows[0].lease_token != lease.token:
            return  # cut off for longer than its lease; such a worker starts nothing any more
        self.containers.add(key)
        if not self.only_the_holder(lease, self.write(lambda s: attempts.start(s, lease, self.now, "c"))):
            self.containers.discard(key)

    @rule(index=WORKER)
    def renew(self, index: int) -> None:
        worker = self.workers[index]
        leases = list(worker.leases.values())
        lost = self.write(lambda s: attempts.renew(s, leases, self.now + LEASE))
        for lease in leases:
            self.only_the_holder(lease, lease not in lost)
        for lease in lost:
            del worker.leases[lease.run_id, lease.number]

    @rule(index=WORKER, choice=st.integers(0, 5))
    def conclude(self, index: int, choice: int) -> None:
        worker = self.workers[index]
        lease = worker.any(choice)
        if lease is None:
            return
        key = (lease.run_id, lease.number)
        ended = self.write(lambda s: attempts.end(s, lease, self.now, outcome=Outcome.EXITED))
        if self.only_the_holder(lease, ended):
            assert key not in self.concluded, "concluded twice"
            self.concluded.add(key)
            self.containers.discard(key)
        del worker.leases[key]

    @rule(index=WORKER, choice=st.integers(0, 5))
    def give_back(self, index: int, choice: int) -> None:
        worker = self.workers[index]
        lease = worker.any(choice)
        if lease is None or (lease.run_id, lease.number) in self.containers:
            return
        self.only_the_holder(lease, self.write(lambda s: attempts.give_back(s, lease, self.now)))
        del worker.leases[lease.run_id, lease.number]

    @rule(index=WORKER)
    def die(self, index: int) -> None:
        self.workers[index].leases.clear()

    @rule(index=WORKER)
    def reconcile(self, index: int) -> None:
        """Take over what this host lost or what ran out; adopt a container, re-queue what has none."""
        worker = self.workers[index]
        for row in self.write(lambda s: attempts.held(s, host=worker.host, expired_at=self.now)):
            self._settle(worker, row)

    def _settle(self, worker: Worker, row: AttemptRow) -> None:
        key = (row.run_id, row.number)
        if key in worker.leases:
            return
        lease = self.write(lambda s: attempts.take_over(s, row, worker.host, self.now, LEASE))
        if lease is None:
            return
        self.holder[key] = lease.token
        if key in self.containers or row.status is AttemptStatus.RUNNING:
            worker.leases[key] = lease
        else:
            assert self.write(lambda s: attempts.give_back(s, lease, self.now))

    @invariant()
    def at_most_one_worker_can_write_about_an_attempt(self) -> None:
        rows = self.write(lambda s: s.exec(select(AttemptRow)).all())
        for row in rows:
            believers = [w for w in self.workers if (row.run_id, row.number) in w.leases]
            able = [w for w in believers if w.leases[row.run_id, row.number].token == row.lease_token]
            assert len(able) <= 1
            if (row.run_id, row.number) in self.containers:
                assert row.status in HOLDS_A_SLOT, "a container runs that nobody accounts for"
        assert sum(row.status in HOLDS_A_SLOT for row in rows) <= SLOTS


TestRace = Race.TestCase
TestRace.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
