"""Starts what follows a run that has ended: each trigger once, however often it is asked for."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from fastflow.domain.cause import UpstreamCause, cause_of
from fastflow.domain.chaining import idempotency_key, is_followed
from fastflow.domain.errors import Conflict, Forbidden, Invalid, NotFound
from fastflow.domain.run import Trigger
from fastflow.domain.spec import RunSpec
from fastflow.services.run_requests import RunRequest
from fastflow.services.runs import Runs
from fastflow.store import cursors, runs
from fastflow.store.database import Database
from fastflow.store.tables import RunRow

LISTENER: Final = "chain"
"""The name of the cursor."""


class Chaining:
    """What the chain's listener does with the database."""

    def __init__(self, database: Database, all_runs: Runs) -> None:
        self._database = database
        self._runs = all_runs

    async def position(self) -> int:
        """Return the sequence of the last event that the chain has dealt with, in whatever process.

        Raises:
            Unavailable: `database_unavailable`.
        """
        return await self._database.write(lambda session: cursors.take(session, LISTENER))

    async def advance(self, sequence: int) -> None:
        """Note that every event up to that one has been dealt with.

        Raises:
            Unavailable: `database_unavailable`, `disk_full`; they will be dealt with again, without effect.
        """
        await self._database.write(lambda session: cursors.advance(session, LISTENER, sequence))

    async def what_follows(self, run_id: str) -> list[RunRequest]:
        """Return what is to be started after a run that has ended; nothing where there is no such run.

        Raises:
            Unavailable: `database_unavailable`.
        """
        run = await self._database.read(lambda session: runs.get(session, run_id))
        return list(requests_after(run)) if run is not None else []

    async def start(self, request: RunRequest) -> RunRow | None:
        """Start what follows, or return what was started for this request before.

        None where it is refused: a row says why.

        Raises:
            Unavailable: it can't be started now; ask again.
        """
        with suppress(Conflict, Forbidden, Invalid, NotFound):
            return await self._runs.trigger(request)
        return None


def requests_after(run: RunRow) -> Iterator[RunRequest]:
    """Yield what is to be started after a run that has ended, as its own manifest said when it began."""
    cause = UpstreamCause(
        run_id=run.id,
        pipeline_name=run.pipeline_name,
        status=run.status,
        outcome=run.outcome,
        route=run.route,
        depth=_depth(run) + 1,
    )
    for index, trigger in enumerate(RunSpec.model_validate(run.spec).downstream_triggers):
        if is_followed(trigger, run.status, run.route):
            yield RunRequest(
                trigger.pipeline,
                Trigger.UPSTREAM,
                run_config_id=trigger.run_config_id,
                cause=cause,
                idempotency_key=idempotency_key(run.id, index),
            )


def _depth(run: RunRow) -> int:
    cause = cause_of(run.cause)
    return cause.depth if isinstance(cause, UpstreamCause) else 0
