"""Git repositories: what users do with them."""

from collections.abc import Sequence
from typing import Final

import structlog
from sqlmodel import Session

from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Conflict, Invalid, Unavailable
from fastflow.domain.ports import Clock
from fastflow.domain.repository import Authentication, GitHubApp, RepositoryOrigin
from fastflow.domain.repository_ports import Cipher, InstallationTokens, KeyMaker, Mirrors
from fastflow.services.repository_doors import RepositoryDoors
from fastflow.services.repository_drafts import (
    RepositoryChanges,
    RepositoryDraft,
    check_app_fits,
    checked,
    is_same_door,
    refusal,
)
from fastflow.services.repository_keys import RepositoryKeys
from fastflow.services.repository_rows import RepositoryRows, announce, blank_row, changeable, facts_of, found
from fastflow.services.settings_adoption import adopt
from fastflow.store import audit, repositories
from fastflow.store.database import Database
from fastflow.store.tables import RepositoryRow

log = structlog.get_logger()

MOST: Final = 100
"""Repositories that there may be."""


class Repositories:
    """Repositories and their credentials, which are encrypted before they reach the store."""

    def __init__(
        self,
        database: Database,
        cipher: Cipher,
        keys: KeyMaker,
        tokens: InstallationTokens,
        mirrors: Mirrors,
        clock: Clock,
        *,
        may_be_private: bool,
        protocols: frozenset[str] = frozenset({"https", "ssh"}),
    ) -> None:
        """Wire; `may_be_private`: those added over the API may be in private networks too."""
        self._database = database
        self._cipher = cipher
        self._mirrors = mirrors
        self._clock = clock
        self._protocols = protocols
        self._rows = RepositoryRows(cipher, keys)
        self.doors = RepositoryDoors(
            database, self._rows, cipher, tokens, mirrors, may_be_private=may_be_private
        )
        """Opens them."""
        self.keys = RepositoryKeys(database, self._rows, self.doors, mirrors, clock)
        """Of those that are reached by SSH."""

    async def every(self) -> Sequence[RepositoryRow]:
        """Return all in their order: those of the settings first, then by creation."""
        return await self._database.read(repositories.every)

    async def get(self, name: str) -> RepositoryRow:
        """Return one.

        Raises:
            NotFound: `repository_not_found`.
        """
        return await self._database.read(lambda session: found(session, name))

    async def create(self, draft: RepositoryDraft) -> RepositoryRow:
        """Add a repository; with a deploy key, the key is made now. Nothing is fetched yet.

        Raises:
            Invalid: `repository_invalid`.
            Conflict: `repository_exists`, `too_many_repositories`.
        """
        draft = checked(draft, self._protocols)
        _require_token(draft)

        def work(session: Session) -> RepositoryRow:
            if repositories.named(session, draft.name) is not None:
                raise Conflict(
                    "repository_exists",
                    f"There is a repository {draft.name} already. Choose another name.",
                    {"repository": draft.name},
                )
            if len(repositories.every(session)) >= MOST:
                raise Conflict("too_many_repositories", f"There are {MOST} repositories. Delete one first.")
            _check_app(session, draft)
            now = self._clock.now()
            row = blank_row(draft, RepositoryOrigin.API, now)
            self._rows.fill(row, draft)
            repositories.add(session, row)
            announce(session, row, "added", now)
            audit.record(session, AuditAction.REPOSITORY_CREATED, row.name, now, after=facts_of(row))
            return row

        return await self._database.write(work)

    async def change(self, name: str, changes: RepositoryChanges) -> RepositoryRow:
        """Change what is named. A URL on another host drops the credential and the pinned host keys.

        Raises:
            NotFound: `repository_not_found`.
            Conflict: `repository_from_settings`.
            Invalid: `repository_invalid`.
        """

        def work(session: Session) -> RepositoryRow:
            row = changeable(session, name)
            draft = checked(_changed(row, changes), self._protocols)
            if row.authentication is not Authentication.TOKEN:
                _require_token(draft)
            _check_app(session, draft)
            before, now = facts_of(row), self._clock.now()
            if self._rows.fill(row, draft, keeps_push_secret="push_secret" not in changes):
                row.changed_at = now
                announce(session, row, "changed", now)
            after = facts_of(row)
            audit.record(session, AuditAction.REPOSITORY_CHANGED, name, now, before=before, after=after)
            return row

        return await self._database.write(work)

    async def remove(self, name: str) -> RepositoryRow:
        """Delete a repository and its mirror; return what it was.

        Its pipelines vanish at the next look; their runs stay.

        Raises:
            NotFound: `repository_not_found`.
            Conflict: `repository_from_settings`.
        """

        def work(session: Session) -> RepositoryRow:
            row = changeable(session, name)
            now = self._clock.now()
            repositories.remove(session, row)
            announce(session, row, "removed", now)
            audit.record(session, AuditAction.REPOSITORY_DELETED, name, now, before=facts_of(row))
            return row

        row = await self._database.write(work)
        await self._remove_mirror(row)
        return row

    async def adopt_settings(
        self, configured: Sequence[RepositoryDraft], apps: Sequence[GitHubApp] = ()
    ) -> None:
        """Let the repositories and Apps of the settings be these; those of earlier settings are removed.

        Raises:
            Invalid: `repository_invalid`, `github_app_invalid`.
        """

        def work(session: Session) -> list[RepositoryRow]:
            return adopt(session, configured, apps, self._rows, self._cipher, self._clock.now())

        for row in await self._database.write(work):
            await self._remove_mirror(row)

    async def _remove_mirror(self, row: RepositoryRow) -> None:
        try:
            await self._mirrors.remove(row.id)
        except Unavailable as error:
            # It is in nobody's way, and tidying up tries again.
            log.warning("a mirror could not be deleted", repository=row.name, reason=error.message)


def _require_token(draft: RepositoryDraft) -> None:
    if draft.authentication is Authentication.TOKEN and draft.token is None:
        raise refusal({"token": "is missing"})


def _check_app(session: Session, draft: RepositoryDraft) -> None:
    if draft.github_app is None:
        return
    app = repositories.app(session, draft.github_app)
    if app is None:
        shown = draft.github_app[:80]
        raise refusal({"github_app": f"{shown!r} does not exist; GET /api/github-apps lists those there are"})
    check_app_fits(draft, app.api_url)


def _changed(row: RepositoryRow, changes: RepositoryChanges) -> RepositoryDraft:
    """Return what the repository is to be; what belongs to its former host or kind is not carried over."""
    url = changes.get("url", row.url)
    kind = changes.get("authentication", row.authentication)
    is_same_kind = kind is row.authentication
    is_app = is_same_kind and kind is Authentication.GITHUB_APP
    has_same_host = url == row.url or _is_same_door(url, row.url)
    return RepositoryDraft(
        name=row.name,
        url=url,
        branch=changes.get("branch", row.branch),
        subdir=changes.get("subdir", row.subdir),
        authentication=kind,
        username=changes.get("username", row.username if is_same_kind else None),
        token=changes.get("token"),
        github_app=changes.get("github_app", row.github_app if is_app else None),
        installation_id=changes.get("installation_id", row.installation_id if is_app else None),
        known_hosts=changes.get("known_hosts", row.known_hosts if is_same_kind and has_same_host else ""),
        push_secret=changes.get("push_secret"),
        sync_interval_seconds=changes.get("sync_interval_seconds", row.sync_interval_seconds),
        is_enabled=changes.get("is_enabled", row.is_enabled),
    )


def _is_same_door(one: str, other: str) -> bool:
    try:
        return is_same_door(one, other)
    except Invalid:
        return False  # the check that follows says what is wrong with it
