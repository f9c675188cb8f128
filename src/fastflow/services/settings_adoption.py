"""Lets the repositories and GitHub Apps of the settings be what the settings say now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Final

from sqlmodel import Session

from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Unavailable
from fastflow.domain.repository import GitHubApp, RepositoryOrigin
from fastflow.domain.repository_ports import Cipher
from fastflow.services.github_apps import facts_of_app
from fastflow.services.repository_drafts import RepositoryDraft
from fastflow.services.repository_rows import RepositoryRows, announce, blank_row, facts_of
from fastflow.store import audit, repositories
from fastflow.store.tables import GitHubAppRow, RepositoryRow

_LONGEST_NAME: Final = 32


def adopt(
    session: Session,
    configured: Sequence[RepositoryDraft],
    apps: Sequence[GitHubApp],
    rows: RepositoryRows,
    cipher: Cipher,
    now: datetime,
) -> list[RepositoryRow]:
    """Make the rows of the settings follow checked drafts; return the rows that were removed.

    A row stays the same one while its URL or its name does. What did not change is not touched.
    """
    _adopt_apps(session, apps, cipher, now)
    former = [row for row in repositories.every(session) if row.origin is RepositoryOrigin.SETTINGS]
    for draft in configured:
        row = next((row for row in former if row.url == draft.url), None)
        row = row or next((row for row in former if row.name == draft.name), None)
        if row is not None:
            former.remove(row)
            before = facts_of(row)
            if rows.fill(row, replace(draft, name=row.name)):
                row.changed_at = now
                announce(session, row, "changed", now)
                after = facts_of(row)
                audit.record(
                    session, AuditAction.REPOSITORY_CHANGED, row.name, now, before=before, after=after
                )
            continue
        row = blank_row(replace(draft, name=_free_name(session, draft.name)), RepositoryOrigin.SETTINGS, now)
        rows.fill(row, draft)
        repositories.add(session, row)
        announce(session, row, "added", now)
        audit.record(session, AuditAction.REPOSITORY_CREATED, row.name, now, after=facts_of(row))
    for row in former:
        repositories.remove(session, row)
        announce(session, row, "removed", now)
        audit.record(session, AuditAction.REPOSITORY_DELETED, row.name, now, before=facts_of(row))
    return former


def _free_name(session: Session, wanted: str) -> str:
    """Return the name, with a number where somebody has used it over the API: the server has to start."""
    for number in count(2):
        if repositories.named(session, wanted) is None:
            break
        ending = f"-{number}"
        wanted = f"{wanted.removesuffix(f'-{number - 1}')[: _LONGEST_NAME - len(ending)]}{ending}"
    return wanted


def _adopt_apps(session: Session, apps: Sequence[GitHubApp], cipher: Cipher, now: datetime) -> None:
    former = {
        row.name: row for row in repositories.every_app(session) if row.origin is RepositoryOrigin.SETTINGS
    }
    for app in apps:
        row = former.pop(app.name, None) or repositories.app(session, app.name)
        before = facts_of_app(row) if row is not None else None
        if row is None:
            row = GitHubAppRow(
                name=app.name,
                origin=RepositoryOrigin.SETTINGS,
                app_id=app.app_id,
                api_url=app.api_url,
                private_key=cipher.encrypt(app.private_key),
                created_at=now,
                changed_at=now,
            )
            repositories.add_app(session, row)
        elif _differs(row, app, cipher):
            row.origin, row.app_id, row.api_url = RepositoryOrigin.SETTINGS, app.app_id, app.api_url
            row.private_key, row.changed_at = cipher.encrypt(app.private_key), now
        action = AuditAction.GITHUB_APP_CREATED if before is None else AuditAction.GITHUB_APP_CHANGED
        audit.record(session, action, app.name, now, before=before, after=facts_of_app(row))
    for row in former.values():
        repositories.remove_app(session, row)
        audit.record(session, AuditAction.GITHUB_APP_DELETED, row.name, now, before=facts_of_app(row))


def _differs(row: GitHubAppRow, app: GitHubApp, cipher: Cipher) -> bool:
    known = (row.origin, row.app_id, row.api_url)
    if known != (RepositoryOrigin.SETTINGS, app.app_id, app.api_url):
        return True
    try:
        return cipher.decrypt(row.private_key) != app.private_key
    except Unavailable:
        return True
