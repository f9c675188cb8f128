"""Brings the pipelines of Git repositories up to date: load → fetch → read → apply."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from sqlmodel import Session

from fastflow.domain.errors import Conflict, FastFlowError, Forbidden, NotFound, Unavailable
from fastflow.domain.ports import Clock
from fastflow.domain.repository import Commit, Credential, Remote, SyncTrigger
from fastflow.domain.repository_ports import Mirrors
from fastflow.services.graph import PipelineGraph
from fastflow.services.pipelines import Pipelines
from fastflow.services.sources import Snapshot, Sources
from fastflow.services.sync_changes import Changes, Revisions, changes_of, cut
from fastflow.services.sync_packages import Packages
from fastflow.services.sync_queue import Phase, SyncQueue, Ticket
from fastflow.services.sync_records import SyncRecords
from fastflow.services.sync_times import SyncTimes
from fastflow.store import repositories
from fastflow.store.database import Database
from fastflow.store.tables import RepositoryRow, SyncRow

log = structlog.get_logger()

QUIET: Final = frozenset({SyncTrigger.INTERVAL})
"""A look by one of these leaves a row only if it changes something or fails: else each minute would."""


class Access(Protocol):
    """How a repository is reached."""

    @property
    def remote(self) -> Remote:
        """Where it is."""
        ...

    @property
    def credential(self) -> Credential:
        """What opens it."""
        ...


class Doors(Protocol):
    """Opens repositories."""

    async def access(self, row: RepositoryRow) -> Access:
        """Decrypt, or get, the credential. Raises: `FastFlowError` where that can't be done."""
        ...

    async def refused(self, row: RepositoryRow) -> bool:
        """Take note that the Git host refused the credential; True if the next one is another."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync would do."""

    repository: str
    commit_before: str | None
    commit: Commit
    changes: Changes


@dataclass(frozen=True, slots=True)
class _News:
    commit: Commit
    snapshot: Snapshot
    changes: Changes
    revisions: dict[str, Revisions]


class Sync:
    """Syncs that are asked for, and how each is done. The loop that does them is the orchestrator's."""

    def __init__(
        self,
        database: Database,
        doors: Doors,
        mirrors: Mirrors,
        sources: Sources,
        pipelines: Pipelines,
        packages: Packages,
        graph: PipelineGraph,
        clock: Clock,
        times: SyncTimes,
    ) -> None:
        self._database = database
        self._doors = doors
        self._mirrors = mirrors
        self._sources = sources
        self._pipelines = pipelines
        self._packages = packages
        self._graph = graph
        self._clock = clock
        self._asking = asyncio.Lock()
        self._records = SyncRecords(database, clock)
        self.queue = SyncQueue()
        self.times = times

    async def begin(self) -> None:
        """Read the pipelines of every repository from its mirror, without network; call it before the loops.

        Syncs that a crash or a shutdown interrupted are marked so.
        """
        await self._records.interrupt()
        await self.follow()

    async def follow(self) -> Sequence[RepositoryRow]:
        """Take note of the repositories there are now; return them in their order."""
        rows = await self._database.read(repositories.every)
        await self._sources.follow(rows)
        return rows

    async def request(
        self, row: RepositoryRow, trigger: SyncTrigger, delivery_id: str | None = None
    ) -> Ticket:
        """Ask for a sync, which is done in the background; one that waits already is joined.

        One that runs is not: it may have looked at the remote before what the caller knows of was there.
        """
        async with self._asking:
            waiting = self.queue.waiting(row.id)
            if waiting is not None and (waiting.sync_id is not None or trigger in QUIET):
                return waiting
            ticket = Ticket(row.id, row.name, trigger, self._clock.now())
            if trigger not in QUIET:
                await self._records.begin(ticket, row.commit, delivery_id)
            self.queue.add(ticket)
            return ticket

    async def start(self, name: str, trigger: SyncTrigger, delivery_id: str | None = None) -> SyncRow:
        """Ask for a sync of the repository of that name; return its row, which has just begun.

        Raises:
            NotFound: `repository_not_found`.
            Conflict: `repository_disabled`.
        """
        (row,) = await self.chosen(name)
        ticket = await self.request(row, trigger, delivery_id)
        return await self.get(ticket.sync_id or "")

    async def sync(self, row: RepositoryRow, trigger: SyncTrigger, delivery_id: str | None = None) -> SyncRow:
        """Ask for a sync and wait for its end; return its row. A `QUIET` trigger may leave none."""
        ticket = await self.request(row, trigger, delivery_id)
        await ticket.ended.wait()
        return await self.get(ticket.sync_id or "")

    async def start_all(
        self, rows: Sequence[RepositoryRow], trigger: SyncTrigger, *, wait: bool
    ) -> list[SyncRow]:
        """Ask for a sync of each of these; return their rows, with `wait` when all have ended."""
        tickets = [await self.request(row, trigger) for row in rows]
        for ticket in tickets if wait else ():
            await ticket.ended.wait()
        return [await self.get(ticket.sync_id or "") for ticket in tickets]

    async def get(self, sync_id: str) -> SyncRow:
        """Return one sync.

        Raises:
            NotFound: `sync_not_found`.
        """
        return await self._records.get(sync_id)

    async def chosen(self, name: str | None) -> Sequence[RepositoryRow]:
        """Return the repository of that name, or with None all that are enabled.

        Raises:
            NotFound: `repository_not_found`.
            Conflict: `repository_disabled`.
        """
        rows = await self._database.read(repositories.every)
        if name is None:
            return [row for row in rows if row.is_enabled]
        chosen = [row for row in rows if row.name == name]
        if not chosen:
            raise NotFound(
                "repository_not_found",
                f"There is no repository {name[:80]!r}. GET /api/repositories lists those there are.",
                {"repository": name[:80]},
            )
        if not chosen[0].is_enabled:
            raise Conflict(
                "repository_disabled",
                f"Repository {name} is disabled and not synced. Enable it first.",
                {"repository": name},
            )
        return chosen

    async def perform(self, ticket: Ticket) -> None:
        """Do the sync of a ticket that was taken from the queue; its failure is written down.

        Cancelled, it leaves its row as running: the next start marks it as interrupted. The caller ends
        the ticket.
        """
        try:
            await self._perform(ticket)
        except FastFlowError as error:
            await self.fail(ticket, error)
        else:
            self.times.ended(ticket.repository_id, self._clock.now(), has_succeeded=True)

    async def fail(self, ticket: Ticket, error: FastFlowError) -> None:
        """Write down that a sync failed; it is tried again, after a longer pause each time."""
        log.warning("sync failed", repository=ticket.repository_name, code=error.code, reason=error.message)
        self.times.ended(ticket.repository_id, self._clock.now(), has_succeeded=False)
        await self._records.fail(ticket, error)

    async def plan(self, row: RepositoryRow) -> Plan:
        """Say what a sync would change now. The mirror is fetched; nothing that is seen changes.

        Raises: as `Mirrors.fetch` and `Mirrors.snapshot`.
        """
        await self.follow()
        async with self.queue.held(row.id, self._clock.now(), Phase.PLANNING):
            # A sync may have ended while this waited for its turn.
            row = next((now for now in await self.follow() if now.id == row.id), row)
            news = await self._read(row, *await self._fetch(row))
            packages = await self._packages.changes_of(news.revisions)
        changes = cut(news.changes.model_copy(update={"packages": packages}))
        return Plan(row.name, row.commit, news.commit, changes)

    async def _perform(self, ticket: Ticket) -> None:
        row = next((row for row in await self.follow() if row.id == ticket.repository_id), None)
        if row is None:
            raise NotFound("repository_not_found", f"Repository {ticket.repository_name} was removed.")
        ticket.phase = Phase.FETCHING
        remote, commit = await self._fetch(row)
        if commit.id == row.commit and self._sources.has(row.id, commit.id):
            await self._records.succeed(ticket, commit, commit.id, None)
            return
        ticket.phase = Phase.READING
        news = await self._read(row, remote, commit)
        ticket.phase = Phase.APPLYING
        await self._apply(ticket, row, news)

    async def _fetch(self, row: RepositoryRow) -> tuple[Remote, Commit]:
        access = await self._doors.access(row)
        try:
            return access.remote, await self._mirrors.fetch(access.remote, access.credential)
        except Forbidden:
            if not await self._doors.refused(row):
                raise
        access = await self._doors.access(row)
        return access.remote, await self._mirrors.fetch(access.remote, access.credential)

    async def _read(self, row: RepositoryRow, remote: Remote, commit: Commit) -> _News:
        snapshot = await self._sources.read(row, remote, commit.id)
        before = {stored.name: stored for stored in await self._pipelines.every()}
        after = await self._sources.preview(snapshot, before)
        changes, revisions = await asyncio.to_thread(changes_of, after, before)
        return _News(commit, snapshot, changes, revisions)

    async def _apply(self, ticket: Ticket, row: RepositoryRow, news: _News) -> None:
        """Put the new pipelines in force.

        The commit is stored first: should the server end in the middle, the next one reads the pipelines
        at that commit and goes on from there, without the Git host.
        """
        await self._database.write(lambda session: _adopt(session, row.id, news.commit))
        cycles = await self._graph.cycles()
        self._sources.swap(news.snapshot)
        try:
            await self._pipelines.refresh()
        except Unavailable as error:
            if error.code != "pipelines_unavailable":
                raise
            log.warning("the local folder was left out", reason=error.message)
        known = {
            "packages": await self._packages.changes_of(news.revisions),
            "cycles": [cycle for cycle in await self._graph.cycles() if cycle not in cycles],
        }
        changes = cut(news.changes.model_copy(update=known))
        await self._records.succeed(ticket, news.commit, row.commit, changes)


def _adopt(session: Session, repository_id: str, commit: Commit) -> None:
    row = repositories.get(session, repository_id)
    if row is None:
        raise NotFound("repository_not_found", "The repository was removed while it was synced.")
    row.commit, row.commit_at = commit.id, commit.committed_at
    row.commit_author, row.commit_subject = commit.author, commit.subject
