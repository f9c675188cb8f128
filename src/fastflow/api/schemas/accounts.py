"""People, sessions and tokens on the wire. Passwords come in and never go out."""

from datetime import datetime, timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from fastflow.domain.actor import Actor, ActorKind
from fastflow.domain.api_token import CONSOLE_LIFE, USUAL_LIFE, TokenKind
from fastflow.domain.role import Role
from fastflow.services.api_tokens import ApiToken, NewApiToken, TokenWish
from fastflow.services.sessions import SignedIn
from fastflow.store.tables import UserRow

_NAME = "1 to 64 of a-z, 0-9 and . _ @ + -; case does not matter."
_PASSWORD = "12 characters at least; any characters."  # noqa: S105 - a description
_LONGEST = 1024
"""Of what is read of a password before it is judged."""


class SetUpView(BaseModel):
    """Whether somebody has to make the first account."""

    is_needed: bool = Field(description="There is no account yet.")
    is_open: bool = Field(description="Without an account everybody on this machine may do everything.")


class SetUpRequest(BaseModel):
    """The first administrator."""

    model_config = ConfigDict(extra="forbid")

    token: SecretStr | None = Field(
        default=None, description="From the server's log; null on this machine, while the server is open."
    )
    name: str = Field(max_length=200, description=_NAME)
    password: SecretStr = Field(max_length=_LONGEST, description=_PASSWORD)


class SignInRequest(BaseModel):
    """Somebody who wants to sign in."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200)
    password: SecretStr = Field(max_length=_LONGEST)


class UserView(BaseModel):
    """A person who may sign in."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    role: Role
    is_enabled: bool
    has_password: bool = Field(description="Whether they can sign in by password.")
    created_at: datetime
    signed_in_at: datetime | None = Field(description="The last time; null: never yet.")

    @classmethod
    def of(cls, row: UserRow) -> Self:
        """Show a user, but for the password's hash."""
        return cls(
            id=row.id,
            name=row.name,
            role=row.role,
            is_enabled=row.is_enabled,
            has_password=row.password_hash is not None,
            created_at=row.created_at,
            signed_in_at=row.signed_in_at,
        )


class UserList(BaseModel):
    """All users."""

    users: list[UserView]


class SessionView(BaseModel):
    """A session that has begun, or goes on. The refresh token is in the cookie."""

    access_token: str = Field(description="For `Authorization: Bearer`.")
    expires_at: datetime = Field(description="Of the access token; get another one before it by refreshing.")
    user: UserView

    @classmethod
    def of(cls, signed_in: SignedIn) -> Self:
        """Show what a signed-in person gets."""
        return cls(
            access_token=signed_in.access_token,
            expires_at=signed_in.access_expires_at,
            user=UserView.of(signed_in.user),
        )


class MeView(BaseModel):
    """Who calls."""

    kind: ActorKind = Field(description="local: there are no accounts, and this is the same machine.")
    name: str
    role: Role
    pipelines: list[str] | None = Field(description="The only ones that the credential is for; null: all.")
    may: list[str] = Field(
        description="The operations that this caller is let in to, by their `operationId`; "
        "not the public ones, which everybody is."
    )

    @classmethod
    def of(cls, actor: Actor, may: list[str]) -> Self:
        """Show who acts, and what they may do."""
        pipelines = sorted(actor.pipelines) if actor.pipelines is not None else None
        role = actor.role or Role.VIEWER
        return cls(kind=actor.kind, name=actor.name, role=role, pipelines=pipelines, may=may)


class ChangePassword(BaseModel):
    """Another password for oneself."""

    model_config = ConfigDict(extra="forbid")

    current: SecretStr = Field(max_length=_LONGEST)
    new: SecretStr = Field(max_length=_LONGEST, description=_PASSWORD)


class SignedOutView(BaseModel):
    """What was ended."""

    count: int = Field(description="Sessions of browsers and of `fastflow login`.")


class CreateUser(BaseModel):
    """Somebody to be admitted."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200, description=_NAME)
    role: Role = Role.VIEWER
    password: SecretStr | None = Field(
        default=None, max_length=_LONGEST, description=f"{_PASSWORD} null: they sign in by another way."
    )


class ChangeUser(BaseModel):
    """What is to change of a user; what is not given stays."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    is_enabled: bool | None = Field(default=None, description="false: signed out at once, and not let in.")
    password: SecretStr | None = Field(
        default=None, max_length=_LONGEST, description=f"{_PASSWORD} Signs them out everywhere."
    )


class CreateToken(BaseModel):
    """A token to be made for oneself."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200, description="What it is for.")
    kind: TokenKind = TokenKind.API
    role: Role | None = Field(default=None, description="At most one's own; null: one's own.")
    pipelines: list[str] | None = Field(
        default=None, description="The only ones that it sees and acts on; null: all."
    )
    expires_in_seconds: int | None = Field(
        default=None, ge=1, le=366 * 86_400, description="null: 90 days; of console tokens 30."
    )

    def wish(self) -> TokenWish:
        """Return what is asked for."""
        usual = CONSOLE_LIFE if self.kind is TokenKind.CONSOLE else USUAL_LIFE
        seconds = self.expires_in_seconds
        return TokenWish(
            self.name,
            self.role,
            tuple(self.pipelines) if self.pipelines is not None else None,
            timedelta(seconds=seconds) if seconds is not None else usual,
            self.kind,
        )


class TokenView(BaseModel):
    """A token as lists show it."""

    id: str
    name: str
    user: str
    kind: TokenKind
    hint: str = Field(description="Its last characters.")
    role: Role
    pipelines: list[str] | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = Field(description="The last time, to the minute; null: never yet.")

    @classmethod
    def of(cls, token: ApiToken) -> Self:
        """Show a token, but not the token itself."""
        row = token.row.model_dump(exclude={"user_id", "token_hash"})
        return cls.model_validate({**row, "user": token.user.name})


class NewTokenView(TokenView):
    """A token that was just made."""

    token: str = Field(description="Shown this once.")

    @classmethod
    def made(cls, new: NewApiToken) -> Self:
        """Show the token itself, this once."""
        return cls.model_validate({**TokenView.of(new.entry).model_dump(), "token": new.token})


class TokenList(BaseModel):
    """Tokens, by user and name."""

    tokens: list[TokenView]


class SigningKeyView(BaseModel):
    """The key that signs access tokens from now on."""

    key_id: str
