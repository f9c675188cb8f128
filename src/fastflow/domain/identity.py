"""Signing in at somebody else's: who a provider says that a person is, and whether they may come in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from fastflow.domain.errors import Forbidden
from fastflow.domain.proof_key import challenge_of
from fastflow.domain.role import Role

EVERYONE: Final = "*"
"""In a list of domains or organisations: whoever the provider knows."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What binds one sign-in together, from the browser's leaving to its coming back."""

    state: str
    """Comes back with the browser (RFC 6749, 10.12)."""
    nonce: str
    """Comes back in the ID token."""
    verifier: str = field(repr=False)
    """Proves to the provider that who exchanges the code is who asked for it (RFC 7636)."""

    @property
    def code_challenge(self) -> str:
        """The verifier's hash: `S256`."""
        return challenge_of(self.verifier)


@dataclass(frozen=True, slots=True)
class ComeBack:
    """What the browser brought back from the provider; anybody may have written it."""

    code: str | None = field(default=None, repr=False)
    state: str | None = field(default=None, repr=False)
    error: str | None = None
    issuer: str | None = None
    """`iss` of RFC 9207."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as a provider knows them: `issuer` and `subject` say who, all else may change."""

    issuer: str
    subject: str
    login: str
    """What they are called there; another one may be called so tomorrow."""
    name: str | None = None
    email: str | None = None
    """In lower case; None: there is none, or the provider does not vouch for it."""
    organisations: frozenset[str] = frozenset()
    """In lower case: those of the allowed ones that they are a member of now."""
    role_words: frozenset[str] = frozenset()
    """What the provider says of their role, in its own words."""


class IdentityProvider(Protocol):
    """Knows people and vouches for them."""

    @property
    def name(self) -> str:
        """Its word in addresses: `github`, `oidc`."""
        ...

    @property
    def label(self) -> str:
        """What people call it."""
        ...

    async def address(self, challenge: Challenge, redirect_uri: str) -> str:
        """Return where the browser has to go to sign in.

        Raises:
            Unavailable: `provider_unusable`.
        """
        ...

    async def person(self, challenge: Challenge, come_back: ComeBack, redirect_uri: str) -> Person:
        """Return who came back. Their `state` has been compared already.

        Raises:
            Forbidden: `sign_in_cancelled`, `sign_in_refused`; the provider said no, or something that can't
                be trusted.
            Unavailable: `provider_unusable`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Door:
    """Whom one provider's people may be; nobody named means that all of them may ask to be admitted."""

    domains: frozenset[str] = frozenset()
    """Of verified e-mail addresses, in lower case."""
    organisations: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    """Verified ones of single people."""
    default_role: Role | None = None
    """What somebody new may do at once; None: an admin has to admit them first."""
    roles: Mapping[str, Role] = field(default_factory=dict[str, Role])
    """What the provider's words for a role mean here."""

    @property
    def is_limited(self) -> bool:
        """Whether it says who may come."""
        return bool(self.domains or self.organisations or self.emails)

    def claimed_role(self, person: Person) -> Role | None:
        """Return the highest role that the provider's words give somebody; None: they give none."""
        meant = {self.roles[word] for word in person.role_words if word in self.roles}
        return next((role for role in reversed(Role) if role in meant), None)

    def check(self, person: Person) -> None:
        """Refuse who is not among those that may come.

        Raises:
            Forbidden: `email_not_verified`, `not_allowed_here`.
        """
        if not self.is_limited or EVERYONE in self.domains | self.organisations:
            return
        if person.organisations & self.organisations or person.email in self.emails:
            return
        if person.email is not None and person.email.rpartition("@")[2] in self.domains:
            return
        if person.email is None and not self.organisations:
            raise Forbidden(
                "email_not_verified",
                "The provider does not vouch for your e-mail address, and it decides who may come in here. "
                "Verify it there, or ask an admin.",
            )
        raise Forbidden(
            "not_allowed_here",
            "You were recognised, but people of your organisation or e-mail domain may not sign in here. "
            "Ask an admin.",
        )
