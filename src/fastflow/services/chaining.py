"""Starts what follows a run that has ended: each trigger once, however often it is asked for."""

from collections.abc import Iterator
from typing import Final

from fastflow.domain.cause import UpstreamCause, cause_of
from fastflow.domain.chaining import idempotency_key, is_followed
from fastflow.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
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

    async def start_what_follows(self, run_id: str) -> int:
        """Start all that follows a run that has ended; return how many triggers fired.

        What was started before is not started again. A start that is refused leaves its row, with the
        reason, and the others go on.

        Raises:
            Unavailable: something could not be started now. What could be was; ask for all of it again.
        """
        run = await self._database.read(lambda session: runs.get(session, run_id))
        count, trouble = 0, None
        for request in requests_after(run) if run is not None else ():
            count += 1
            try:
                await self._runs.trigger(request)
            except (Conflict, Forbidden, Invalid, NotFound):
                continue  # its row says why
            except Unavailable as error:
                trouble = error
        if trouble is not None:
            raise trouble
        return count


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
