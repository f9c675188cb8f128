"""Writes drafts of repositories into rows, and takes credentials out of them again."""

from datetime import datetime

from pydantic import JsonValue
from sqlmodel import Session

from fastflow.domain.errors import Conflict, Forbidden, NotFound, Unavailable
from fastflow.domain.events import EventType
from fastflow.domain.repository import (
    Authentication,
    Credential,
    KeyCredential,
    RepositoryOrigin,
    TokenCredential,
)
from fastflow.domain.repository_ports import Cipher, KeyMaker
from fastflow.services.repository_drafts import USERNAME, RepositoryDraft, is_same_door
from fastflow.store import events, repositories
from fastflow.store.ids import new_id
from fastflow.store.tables import RepositoryRow

_PLAIN_FIELDS = (
    "url",
    "branch",
    "subdir",
    "authentication",
    "username",
    "github_app",
    "installation_id",
    "known_hosts",
    "sync_interval_seconds",
    "is_enabled",
)


class RepositoryRows:
    """Knows how credentials lie in rows: encrypted."""

    def __init__(self, cipher: Cipher, keys: KeyMaker) -> None:
        self._cipher = cipher
        self._keys = keys

    def fill(self, row: RepositoryRow, draft: RepositoryDraft, *, keeps_push_secret: bool = False) -> bool:
        """Make a row what a checked draft says; return whether it changed.

        The stored credential goes where it would be shown to another host, or where the kind of
        authentication changes. A deploy key is made where it is needed and missing.
        """
        before = row.model_dump()
        is_kept = row.authentication is draft.authentication and is_same_door(row.url, draft.url)
        for field in _PLAIN_FIELDS:
            if getattr(row, field) != getattr(draft, field):
                setattr(row, field, getattr(draft, field))
        if not is_kept:
            row.secret = row.public_key = None
        if draft.authentication is Authentication.TOKEN and draft.token is not None:
            row.secret = self._encrypted(draft.token, row.secret)
        elif draft.authentication is Authentication.DEPLOY_KEY and row.secret is None:
            self.renew_key(row)
        if not keeps_push_secret:
            secret = draft.push_secret
            row.push_secret = self._encrypted(secret, row.push_secret) if secret is not None else None
        return row.model_dump() != before

    def renew_key(self, row: RepositoryRow) -> None:
        """Give the row a new deploy key; the old one is lost."""
        private, public = self._keys.new_key_pair(f"fast-flow {row.name}")
        row.secret, row.public_key = self._cipher.encrypt(private), public

    def credential(self, row: RepositoryRow) -> Credential:
        """Return the credential that is stored; none for a GitHub App, which has tokens made.

        Raises:
            Forbidden: `credential_missing`; it was dropped when the URL changed.
            Unavailable: `encryption_key_wrong`.
        """
        if row.authentication not in (Authentication.TOKEN, Authentication.DEPLOY_KEY):
            return None
        if row.secret is None:
            raise Forbidden(
                "credential_missing",
                f"Repository {row.name} has no token for its host. Give it one.",
                {"repository": row.name},
            )
        secret = self._cipher.decrypt(row.secret)
        if row.authentication is Authentication.TOKEN:
            return TokenCredential(row.username or USERNAME, secret)
        return KeyCredential(secret, row.known_hosts)

    def _encrypted(self, plain: str, ciphertext: str | None) -> str:
        """Return a ciphertext, the present one where it says the same: it would be another each time."""
        if ciphertext is not None:
            try:
                if self._cipher.decrypt(ciphertext) == plain:
                    return ciphertext
            except Unavailable:
                pass  # made with a key that is gone; the new one takes its place
        return self._cipher.encrypt(plain)


def blank_row(draft: RepositoryDraft, origin: RepositoryOrigin, at: datetime) -> RepositoryRow:
    """Return a new row that has nothing but its identity; `fill` does the rest."""
    return RepositoryRow(
        id=new_id(),
        name=draft.name,
        origin=origin,
        url=draft.url,
        authentication=Authentication.NONE,
        created_at=at,
        changed_at=at,
    )


def found(session: Session, name: str) -> RepositoryRow:
    """Return the repository of that name.

    Raises:
        NotFound: `repository_not_found`.
    """
    row = repositories.named(session, name)
    if row is None:
        raise NotFound(
            "repository_not_found",
            f"There is no repository {name[:80]!r}. GET /api/repositories lists those there are.",
            {"repository": name[:80]},
        )
    return row


def changeable(session: Session, name: str) -> RepositoryRow:
    """Return the repository of that name, which was added over the API.

    Raises:
        NotFound: `repository_not_found`.
        Conflict: `repository_from_settings`.
    """
    row = found(session, name)
    if row.origin is RepositoryOrigin.SETTINGS:
        raise Conflict(
            "repository_from_settings",
            f"Repository {name} is configured by GIT_REPO_URL and the settings beside it (GIT_BRANCH, "
            "PIPELINES_SUBDIR, GIT_TOKEN, GIT_KNOWN_HOSTS, …). Change those and restart the server.",
            {"repository": name, "setting": "GIT_REPO_URL"},
        )
    return row


def announce(session: Session, row: RepositoryRow, change: str, at: datetime) -> None:
    """Write the event of a change: `added`, `changed` or `removed`."""
    payload = {"repository": row.name, "change": change}
    events.append(session, EventType.REPOSITORY_CHANGED, at, payload=payload)


def facts_of(row: RepositoryRow) -> dict[str, JsonValue]:
    """Return what the audit log looks at; of the credentials it keeps only that they changed."""
    return {
        **row.model_dump(mode="json", include=set(_PLAIN_FIELDS)),
        "origin": row.origin,
        "credential": row.secret,
        "push_secret": row.push_secret,
        "public_key": row.public_key,
    }
