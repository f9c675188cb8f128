"""The tables of accounts: people, their sessions, their API tokens."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from fastflow.domain.api_token import TokenKind
from fastflow.domain.role import Role
from fastflow.store.tables.columns import Id, Json, Name, UtcDateTime, Word, table_name


class UserRow(SQLModel, table=True):
    """A person who may sign in."""

    __tablename__ = table_name("users")

    id: str = Field(primary_key=True, sa_type=Id)
    name: str = Field(sa_type=Name, unique=True)
    role: Role = Field(sa_type=Word(Role))
    is_enabled: bool = True
    password_hash: str | None = None
    """None: signs in by another way only."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    signed_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The last time."""


class SessionRow(SQLModel, table=True):
    """A person signed in with one browser: a family of refresh tokens, of which one is valid."""

    __tablename__ = table_name("sessions")
    __table_args__ = (Index("sessions_by_user", "user_id"), Index("sessions_by_end", "expires_at"))

    id: str = Field(primary_key=True, sa_type=Id)
    user_id: str = Field(foreign_key="users.id", sa_type=Id)
    token_hash: str = Field(max_length=64)
    """SHA-256 of the refresh token that is valid now."""
    previous_hash: str | None = Field(default=None, max_length=64)
    """Of the one before, which two tabs may both have sent."""
    rotated_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    address: str | None = Field(default=None, max_length=64)
    """Where it was begun."""
    browser: str | None = Field(default=None, max_length=200)
    """The User-Agent that began it."""


class ApiTokenRow(SQLModel, table=True):
    """A credential of a program, or of the console, in the name of a person."""

    __tablename__ = table_name("api_tokens")
    __table_args__ = (Index("api_tokens_by_user", "user_id", "name"),)

    id: str = Field(primary_key=True, sa_type=Id)
    user_id: str = Field(foreign_key="users.id", sa_type=Id)
    name: str = Field(sa_type=Name)
    kind: TokenKind = Field(sa_type=Word(TokenKind))
    token_hash: str = Field(max_length=64, unique=True)
    """SHA-256 of the token; of 256 random bits that is enough."""
    hint: str = Field(max_length=8)
    """Its last characters."""
    role: Role = Field(sa_type=Word(Role))
    """At most this, and at most its user's."""
    pipelines: list[str] | None = Field(default=None, sa_type=Json)
    """The only ones it is for; None: all."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The last time, to the minute."""
