"""The table of people as providers know them."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from fastflow.domain.role import Role
from fastflow.store.tables.columns import Id, UtcDateTime, Word, table_name


class IdentityRow(SQLModel, table=True):
    """Somebody whom a provider vouched for: admitted as a user, refused, or waiting for an admin."""

    __tablename__ = table_name("identities")
    __table_args__ = (
        UniqueConstraint("issuer", "subject", name="identities_by_subject"),
        Index("identities_by_user", "user_id"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    provider: str = Field(max_length=32)
    """By which button they came: `github`, `oidc`."""
    issuer: str = Field(max_length=512)
    """Whose subject it is: after OIDC_ISSUER was changed, the same subject is somebody else."""
    subject: str = Field(max_length=255)
    login: str = Field(max_length=200)
    """As of the last time, like all that follows about the person; it may be somebody else's by now."""
    name: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=254)
    user_id: str | None = Field(default=None, foreign_key="users.id", sa_type=Id)
    """Who they are here; None: not admitted."""
    is_refused: bool = False
    """Whether an admin has decided that they are not to be admitted."""
    claimed_role: Role | None = Field(default=None, sa_type=Word(Role))
    """What the provider's claim said last of somebody whom it admitted; None: an admin or a default did."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    """When they signed in, or tried to, the last time."""
