"""The audit log: shows it, exports it, looks whether somebody changed it, and lets go of what is too old."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlmodel import Session

from fastflow.domain.errors import NotFound
from fastflow.domain.ports import Clock
from fastflow.store import audit_log
from fastflow.store.audit import digest_of
from fastflow.store.audit_log import AuditFilter
from fastflow.store.database import Database
from fastflow.store.tables import AuditRow

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Seal:
    """A row and its digest, as somebody wrote them down: whoever changes what came before changes it."""

    sequence: int
    digest: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of going through the whole log."""

    rows: int
    first_sequence: int | None
    """Those before were deleted because they had become too old."""
    seal: Seal
    """Of the newest row; to be written down elsewhere."""
    problem: str | None
    """One sentence; None: the log is as it was written."""


class AuditLog:
    """What administrators do with the audit log; it is written by what changes something."""

    def __init__(self, database: Database, clock: Clock, kept_for: timedelta) -> None:
        """Wire; `kept_for` zero: for ever."""
        self._database = database
        self._clock = clock
        self._kept_for = kept_for

    async def page(
        self, narrowed: AuditFilter, limit: int, before: int | None
    ) -> tuple[Sequence[AuditRow], int | None]:
        """Return the newest rows that pass the filter, and where the next page begins or None."""
        rows = await self._database.read(lambda session: audit_log.page(session, narrowed, limit + 1, before))
        return rows[:limit], rows[limit - 1].sequence if len(rows) > limit else None

    async def export(self, narrowed: AuditFilter) -> AsyncGenerator[Sequence[AuditRow]]:
        """Yield all rows that pass the filter, oldest first, some at once; what comes meanwhile too."""
        reached = 0
        while rows := await self._after(narrowed, reached):
            yield rows
            reached = rows[-1].sequence

    async def verify(self, known: Seal | None = None) -> Verification:
        """Compute every digest anew; `known` has to be among them.

        Raises:
            NotFound: `audit_row_not_found`; the known row was deleted because it had become too old.
        """
        horizon = await self._database.read(audit_log.horizon)
        if known is not None and known.sequence < horizon.sequence:
            raise NotFound(
                "audit_row_not_found",
                f"Row {known.sequence} was deleted because it had become too old (AUDIT_RETENTION_DAYS); the "
                f"log begins with row {horizon.sequence + 1}. Give a later row.",
                {"sequence": known.sequence, "first_sequence": horizon.sequence + 1},
            )
        checking = _Checking(Seal(horizon.sequence, horizon.digest), known)
        async for rows in self.export(AuditFilter()):
            checking.go_on(rows)
            if checking.problem is not None:
                break
        else:
            checking.end()
        first = horizon.sequence + 1 if checking.rows else None
        return Verification(checking.rows, first, checking.seal, checking.problem)

    async def trim(self) -> int:
        """Delete what is older than it is to be kept, some at once; return how many."""
        if not self._kept_for:
            return 0
        now, deleted = self._clock.now(), 0
        before = now - self._kept_for
        while True:
            count = await self._database.write(lambda session: audit_log.trim(session, before, _AT_ONCE, now))
            deleted += count
            if count < _AT_ONCE:
                return deleted

    async def _after(self, narrowed: AuditFilter, sequence: int) -> Sequence[AuditRow]:
        def work(session: Session) -> Sequence[AuditRow]:
            return audit_log.after(session, narrowed, sequence, _AT_ONCE)

        return await self._database.read(work)


class _Checking:
    """Follows the chain of digests from the horizon on."""

    def __init__(self, horizon: Seal, known: Seal | None) -> None:
        self.seal = horizon
        self.rows = 0
        self.problem: str | None = None
        self._known = known
        self._look_at(horizon)

    def go_on(self, rows: Sequence[AuditRow]) -> None:
        """Look at the next rows, until something is wrong."""
        for row in rows:
            if row.sequence != self.seal.sequence + 1:
                self.problem = f"Row {self.seal.sequence + 1} is missing; after it comes row {row.sequence}."
                return
            if row.digest != digest_of(self.seal.digest, row.model_dump()):
                when = f"{row.at:%Y-%m-%d %H:%M:%S} UTC"
                self.problem = f"Row {row.sequence}, of {when}, or the one before it was changed."
                return
            self.rows += 1
            self._look_at(Seal(row.sequence, row.digest))
            if self.problem is not None:
                return

    def end(self) -> None:
        """Look whether the known row was met."""
        if self._known is not None and self._known.sequence > self.seal.sequence:
            self.problem = (
                f"Row {self._known.sequence} is missing; the log ends with row {self.seal.sequence}."
            )

    def _look_at(self, seal: Seal) -> None:
        self.seal = seal
        known = self._known
        if known is not None and known.sequence == seal.sequence and known.digest != seal.digest:
            self.problem = (
                f"Row {seal.sequence} has the digest {seal.digest}, not the known one: rows up to there were "
                "written anew."
            )
