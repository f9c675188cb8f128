"""Providers, and the people they vouch for, on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from fastflow.domain.identity import IdentityProvider
from fastflow.domain.role import Role
from fastflow.services.identities import Identity


class ProviderView(BaseModel):
    """A provider that people can sign in at."""

    name: str = Field(description="Its word in addresses: github, oidc.")
    label: str = Field(description="What people call it.")
    start_path: str = Field(description="Where a browser goes to sign in; `?next=` is a path to end at.")
    console_address: str = Field(description="Where a console sends its user's browser to sign it in.")

    @classmethod
    def of(cls, provider: IdentityProvider, console_address: str) -> Self:
        """Return the view."""
        return cls(
            name=provider.name,
            label=provider.label,
            start_path=f"/api/auth/{provider.name}/start",
            console_address=console_address,
        )


class ProviderList(BaseModel):
    """All providers that people can sign in at."""

    providers: list[ProviderView]


class ConsoleCode(BaseModel):
    """What a console brings that was let in at a browser."""

    model_config = ConfigDict(extra="forbid")

    code: SecretStr = Field(max_length=200, description="From the browser; good once.")
    verifier: SecretStr = Field(max_length=200, description="The secret whose hash was `challenge`.")


class BegunView(BaseModel):
    """A sign-in that was begun: the cookie that came along belongs to it."""

    address: str = Field(description="Where the browser has to go, within ten minutes.")


class IdentityStatus(StrEnum):
    """What became of somebody."""

    PENDING = "pending"
    """Waits for an admin."""
    ADMITTED = "admitted"
    REFUSED = "refused"


class IdentityView(BaseModel):
    """Somebody whom a provider vouched for."""

    id: str
    provider: str
    issuer: str
    subject: str = Field(description="Who they are there; login and the rest may change hands.")
    login: str
    name: str | None
    email: str | None = Field(description="Verified by the provider.")
    status: IdentityStatus
    user: str | None = Field(description="The name of the user that they are here.")
    created_at: datetime
    seen_at: datetime = Field(description="When they signed in, or tried to, the last time.")

    @classmethod
    def of(cls, identity: Identity) -> Self:
        """Return the view."""
        row = identity.row
        status = IdentityStatus.REFUSED if row.is_refused else IdentityStatus.PENDING
        return cls(
            id=row.id,
            provider=row.provider,
            issuer=row.issuer,
            subject=row.subject,
            login=row.login,
            name=row.name,
            email=row.email,
            status=IdentityStatus.ADMITTED if identity.user is not None else status,
            user=identity.user,
            created_at=row.created_at,
            seen_at=row.seen_at,
        )


class IdentityList(BaseModel):
    """All people whom providers vouched for, the newest first."""

    identities: list[IdentityView]


class AdmitIdentity(BaseModel):
    """Who somebody is to be here: a new user with a role, or one that there is."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = Field(default=None, description="Of a new user.")
    name: str | None = Field(
        default=None,
        description="What the new user is called; left out: as at the provider, if that is free.",
    )
    user: str | None = Field(default=None, description="The user that there is; without `role` and `name`.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        is_known = self.user is not None
        if is_known == (self.role is not None) or (is_known and self.name is not None):
            raise ValueError('write {"role": "viewer"} for a new user, or {"user": "alice"} for one there is')
        return self
