"""Writes down how syncs begin and end, and announces it."""

from typing import Final

from pydantic import JsonValue
from sqlmodel import Session

from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import FastFlowError, NotFound
from fastflow.domain.events import EventType
from fastflow.domain.ports import Clock
from fastflow.domain.repository import Commit, SyncStatus, SyncTrigger
from fastflow.services.sync_changes import Changes
from fastflow.services.sync_queue import Ticket
from fastflow.store import audit, events, syncs
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.tables import SyncRow

_ASKED_FOR: Final = frozenset({SyncTrigger.API, SyncTrigger.PUSH})
"""Those that the audit log tells of; the others come by themselves."""
_SHORT: Final = 12
"""Digits of a commit that people are shown."""


class SyncRecords:
    """The rows of syncs: each that is begun ends as success, failed or interrupted."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, ticket: Ticket, commit: str | None, delivery_id: str | None = None) -> None:
        """Give the ticket a row and announce it."""

        def work(session: Session) -> str:
            row = self._insert(session, ticket, commit)
            payload: dict[str, JsonValue] = {"delivery_id": delivery_id} if delivery_id else {}
            self._announce(session, EventType.SYNC_STARTED, row, payload)
            if ticket.trigger in _ASKED_FOR:
                facts = {"sync_id": row.id, "trigger": ticket.trigger, "delivery_id": delivery_id}
                audit.record(
                    session, AuditAction.SYNC_REQUESTED, ticket.repository_name, row.started_at, after=facts
                )
            return row.id

        ticket.sync_id = await self._database.write(work)

    async def succeed(
        self, ticket: Ticket, commit: Commit, before: str | None, changes: Changes | None
    ) -> None:
        """Close the ticket's row; without one, open it first where there were changes (not None)."""
        if ticket.sync_id is None and changes is None:
            return
        at = f"commit {commit.id[:_SHORT]} by {commit.author}: {commit.subject}"
        what = changes.sentence if changes is not None else "nothing new"

        def work(session: Session) -> str:
            row = self._open(session, ticket, before)
            row.status = SyncStatus.SUCCESS
            row.commit_before, row.commit_after = before, commit.id
            row.message = f"{what[:1].upper()}{what[1:]}; {at}"
            row.changes = changes.model_dump(mode="json") if changes is not None else None
            self._close(session, row)
            return row.id

        ticket.sync_id = await self._database.write(work)

    async def fail(self, ticket: Ticket, error: FastFlowError) -> None:
        """Close the ticket's row with what went wrong; without one, open it first."""

        def work(session: Session) -> str:
            row = self._open(session, ticket, None)
            row.status = SyncStatus.FAILED
            row.code, row.message = error.code[:64], error.message
            self._close(session, row)
            return row.id

        ticket.sync_id = await self._database.write(work)

    async def interrupt(self) -> int:
        """Close the rows that an earlier server left open; return how many."""

        def work(session: Session) -> int:
            rows = syncs.running(session)
            for row in rows:
                row.status = SyncStatus.INTERRUPTED
                row.message = "The server ended in the middle of it. The next sync does the same again."
                self._close(session, row)
            return len(rows)

        return await self._database.write(work)

    async def get(self, sync_id: str) -> SyncRow:
        """Return one sync.

        Raises:
            NotFound: `sync_not_found`.
        """
        row = await self._database.read(lambda session: syncs.get(session, sync_id))
        if row is None:
            raise NotFound(
                "sync_not_found",
                f"There is no sync {sync_id[:80]!r}; old ones are forgotten.",
                {"sync_id": sync_id[:80]},
            )
        return row

    def _open(self, session: Session, ticket: Ticket, commit: str | None) -> SyncRow:
        row = syncs.get(session, ticket.sync_id) if ticket.sync_id is not None else None
        return row if row is not None else self._insert(session, ticket, commit)

    def _insert(self, session: Session, ticket: Ticket, commit: str | None) -> SyncRow:
        row = SyncRow(
            id=new_id(),
            repository_id=ticket.repository_id,
            repository_name=ticket.repository_name,
            trigger=ticket.trigger,
            status=SyncStatus.RUNNING,
            started_at=ticket.began_at,
            commit_before=commit,
        )
        return syncs.insert(session, row)

    def _close(self, session: Session, row: SyncRow) -> None:
        row.finished_at = self._clock.now()
        payload: dict[str, JsonValue] = {
            "status": row.status.value,
            "code": row.code,
            "message": row.message,
            "commit": row.commit_after,
        }
        self._announce(session, EventType.SYNC_FINISHED, row, payload)

    def _announce(
        self, session: Session, type: EventType, row: SyncRow, payload: dict[str, JsonValue]
    ) -> None:
        known: dict[str, JsonValue] = {
            "sync_id": row.id,
            "repository": row.repository_name,
            "trigger": row.trigger.value,
        }
        events.append(session, type, self._clock.now(), payload={**known, **payload})
