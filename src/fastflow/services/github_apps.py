"""GitHub Apps: what users do with them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from pydantic import JsonValue
from sqlmodel import Session

from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Conflict, Invalid, NotFound
from fastflow.domain.ports import Clock
from fastflow.domain.repository import REPOSITORY_NAME, GitHubApp, Installation, RepositoryOrigin
from fastflow.domain.repository_ports import Cipher, InstallationTokens
from fastflow.store import audit, repositories
from fastflow.store.database import Database
from fastflow.store.tables import GitHubAppRow

_APP_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LONGEST_KEY: Final = 16_384


class GitHubApps:
    """Apps that open repositories; their keys are stored encrypted."""

    def __init__(
        self,
        database: Database,
        cipher: Cipher,
        tokens: InstallationTokens,
        clock: Clock,
        *,
        may_be_private: bool,
        protocols: frozenset[str] = frozenset({"https", "ssh"}),
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._tokens = tokens
        self._clock = clock
        self._may_be_private = may_be_private
        self._protocols = protocols

    async def every(self) -> Sequence[GitHubAppRow]:
        """Return all Apps by name."""
        return await self._database.read(repositories.every_app)

    async def create(self, app: GitHubApp) -> GitHubAppRow:
        """Store an App.

        Raises:
            Invalid: `github_app_invalid`, `github_app_key_invalid`.
            Conflict: `github_app_exists`.
        """
        app = checked_app(app, self._protocols)
        await self._tokens.check_key(app.private_key)

        def work(session: Session) -> GitHubAppRow:
            if repositories.app(session, app.name) is not None:
                raise Conflict(
                    "github_app_exists",
                    f"There is a GitHub App {app.name} already. Choose another name, or delete that one.",
                    {"github_app": app.name},
                )
            now = self._clock.now()
            row = GitHubAppRow(
                name=app.name,
                origin=RepositoryOrigin.API,
                app_id=app.app_id,
                api_url=app.api_url,
                private_key=self._cipher.encrypt(app.private_key),
                created_at=now,
                changed_at=now,
            )
            repositories.add_app(session, row)
            audit.record(session, AuditAction.GITHUB_APP_CREATED, row.name, now, after=facts_of_app(row))
            return row

        return await self._database.write(work)

    async def remove(self, name: str) -> GitHubAppRow:
        """Delete an App; return what it was.

        Raises:
            NotFound: `github_app_not_found`.
            Conflict: `github_app_from_settings`, `github_app_in_use`.
        """

        def work(session: Session) -> GitHubAppRow:
            row = _found(session, name)
            if row.origin is RepositoryOrigin.SETTINGS:
                raise Conflict(
                    "github_app_from_settings",
                    f"The GitHub App {name} is configured by GITHUB_APP_ID. Unset it and restart the server.",
                    {"github_app": name, "setting": "GITHUB_APP_ID"},
                )
            users = repositories.opened_by(session, name)
            if users:
                raise Conflict(
                    "github_app_in_use",
                    f"The GitHub App {name} opens {', '.join(users[:5])}. Change or delete those first.",
                    {"github_app": name, "repositories": list(users)},
                )
            repositories.remove_app(session, row)
            now = self._clock.now()
            audit.record(session, AuditAction.GITHUB_APP_DELETED, name, now, before=facts_of_app(row))
            return row

        return await self._database.write(work)

    async def installations(self, name: str) -> list[Installation]:
        """Ask GitHub where an App is installed.

        Raises:
            NotFound: `github_app_not_found`.
            Others: as `InstallationTokens.installations`, and `encryption_key_wrong`.
        """
        row = await self._database.read(lambda session: _found(session, name))
        return await self._tokens.installations(
            opened_app(row, self._cipher, may_be_private=self._may_be_private)
        )


def opened_app(row: GitHubAppRow, cipher: Cipher, *, may_be_private: bool) -> GitHubApp:
    """Return an App with its key; one of the settings may be in a private network in any case.

    Raises:
        Unavailable: `encryption_key_wrong`.
    """
    is_free = may_be_private or row.origin is RepositoryOrigin.SETTINGS
    return GitHubApp(
        row.name, row.app_id, row.api_url, cipher.decrypt(row.private_key), may_be_private=is_free
    )


def facts_of_app(row: GitHubAppRow) -> dict[str, JsonValue]:
    """Return what the audit log looks at; of the key it keeps only that it changed."""
    return row.model_dump(mode="json", include={"origin", "app_id", "api_url", "private_key"})


def checked_app(app: GitHubApp, protocols: frozenset[str]) -> GitHubApp:
    """Return the App in its normal form.

    Raises:
        Invalid: `github_app_invalid`; `fields` says by field what is wrong and what to do.
    """
    # A key that was put into one line, as environment variables and JSON files often have it.
    key = app.private_key.replace("\\n", "\n").strip() + "\n"
    normal = replace(app, api_url=app.api_url.strip().rstrip("/"), private_key=key)
    problems: dict[str, str] = {}
    if not REPOSITORY_NAME.fullmatch(app.name):
        problems["name"] = "has to have 1 to 32 of a-z, 0-9, _ and -, and to begin with a letter or a digit"
    if not _APP_ID.fullmatch(app.app_id):
        problems["app_id"] = "has to be the App ID or the client ID that GitHub shows"
    if not _is_api_url(normal.api_url, protocols):
        problems["api_url"] = "has to be of the form https://api.github.com or https://HOST/api/v3"
    if "PRIVATE KEY-----" not in key or len(key) > _LONGEST_KEY:
        problems["private_key"] = "has to be the PEM file that GitHub gave when the key was made"
    if problems:
        sentence = "; ".join(f"{field} {problem}" for field, problem in problems.items())
        raise Invalid("github_app_invalid", f"The GitHub App was refused: {sentence}.", problems)
    return normal


def _is_api_url(url: str, protocols: frozenset[str]) -> bool:
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    is_plain = "@" not in parts.netloc and not parts.query and not parts.fragment and url.isprintable()
    return is_whole and is_plain and " " not in url and parts.scheme in protocols & {"https", "http"}


def _found(session: Session, name: str) -> GitHubAppRow:
    row = repositories.app(session, name)
    if row is None:
        raise NotFound(
            "github_app_not_found",
            f"There is no GitHub App {name[:80]!r}. GET /api/github-apps lists those there are.",
            {"github_app": name[:80]},
        )
    return row
