"""The tables of Git repositories, of GitHub Apps that open them, and of their syncs."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from fastflow.domain.repository import Authentication, RepositoryOrigin, SyncStatus, SyncTrigger
from fastflow.store.tables.columns import Ciphertext, Id, Json, Name, UtcDateTime, Word, table_name


class RepositoryRow(SQLModel, table=True):
    """A Git repository that pipelines come from."""

    __tablename__ = table_name("repositories")

    id: str = Field(primary_key=True, sa_type=Id)
    name: str = Field(sa_type=Name, unique=True)
    origin: RepositoryOrigin = Field(sa_type=Word(RepositoryOrigin))
    is_enabled: bool = True
    """Whether it is synced; its pipelines of the last sync stay either way."""
    url: str
    branch: str | None = None
    subdir: str = ""
    authentication: Authentication = Field(sa_type=Word(Authentication))
    username: str | None = None
    github_app: str | None = Field(default=None, sa_type=Name)
    installation_id: int | None = Field(default=None, sa_type=BigInteger)
    """Of the GitHub App; None: found out by the repository's name."""
    secret: str | None = Field(default=None, sa_type=Ciphertext)
    """Fernet ciphertext of the token or the private key."""
    public_key: str | None = None
    """Of the deploy key, to be entered at the Git host."""
    known_hosts: str = ""
    """The pinned SSH host keys, as lines of known_hosts."""
    push_secret: str | None = Field(default=None, sa_type=Ciphertext)
    """Fernet ciphertext of what push webhooks are signed with; None: they are refused."""
    sync_interval_seconds: int | None = None
    """None: AUTO_SYNC_INTERVAL. 0: only when asked."""
    commit: str | None = Field(default=None, max_length=64)
    """The one whose pipelines are in use."""
    commit_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    commit_author: str | None = None
    commit_subject: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class GitHubAppRow(SQLModel, table=True):
    """A GitHub App; its installations open repositories."""

    __tablename__ = table_name("github_apps")

    name: str = Field(primary_key=True, sa_type=Name)
    origin: RepositoryOrigin = Field(sa_type=Word(RepositoryOrigin))
    app_id: str = Field(max_length=64)
    """The App's id, or its client id."""
    api_url: str
    private_key: str = Field(sa_type=Ciphertext)
    """Fernet ciphertext of the PEM file."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class SyncRow(SQLModel, table=True):
    """One look at a repository's remote, whatever came of it."""

    __tablename__ = table_name("syncs")
    __table_args__ = (Index("syncs_by_repository", "repository_id", "id"),)

    id: str = Field(primary_key=True, sa_type=Id)
    repository_id: str = Field(sa_type=Id)
    repository_name: str = Field(sa_type=Name)
    trigger: SyncTrigger = Field(sa_type=Word(SyncTrigger))
    status: SyncStatus = Field(sa_type=Word(SyncStatus))
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    commit_before: str | None = Field(default=None, max_length=64)
    commit_after: str | None = Field(default=None, max_length=64)
    code: str | None = Field(default=None, max_length=64)
    """The stable code of what failed."""
    message: str | None = None
    """One sentence: what changed, or why it failed and what to do."""
    changes: dict[str, JsonValue] | None = Field(default=None, sa_type=Json)
    """`services.sync_changes.Changes`: pipelines added, changed, removed, invalid; schedules; packages."""
