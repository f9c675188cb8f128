"""Signs people in at an OpenID Connect provider: the authorisation code flow with PKCE."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote_plus

from pydantic import BaseModel, Field, ValidationError

from fastflow.adapters.oauth.authorization import vouched_email, with_query
from fastflow.adapters.oauth.discovery import Discovery, Metadata
from fastflow.adapters.oauth.id_token import Claims, Expected, Untrustworthy, verified_claims
from fastflow.adapters.oauth.provider_errors import logged, refused, turned_away, unusable
from fastflow.adapters.oauth.signing_keys import SigningKeys
from fastflow.adapters.oauth.transport import PATIENCE, Answer, Transport
from fastflow.domain.errors import FastFlowError
from fastflow.domain.identity import Challenge, ComeBack, Person
from fastflow.domain.ports import Clock

NAME: Final = "oidc"
_LONGEST_SUBJECT: Final = 255
"""OpenID Connect Core 1.0, 2."""


@dataclass(frozen=True, slots=True)
class OpenIdClient:
    """This server as the provider knows it."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    """Empty: a public client, which only PKCE protects."""
    label: str = "OpenID Connect"
    scopes: str = "openid email profile"
    role_claim: str = ""
    """The claim that says somebody's role; empty: none does."""

    @property
    def wanted_claims(self) -> frozenset[str]:
        """What is asked of userinfo where the ID token does not say it."""
        return frozenset({"email", self.role_claim} - {""})


class _Tokens(BaseModel):
    access_token: str = Field(repr=False)
    id_token: str = Field(repr=False)


class OpenIdProvider:
    """Fulfils `domain.identity.IdentityProvider`."""

    def __init__(
        self,
        client: OpenIdClient,
        clock: Clock,
        ca_bundle: Path | None = None,
        *,
        may_be_private: bool = False,
        patience: timedelta = PATIENCE,
    ) -> None:
        """Prepare; asks nobody yet. `may_be_private`: its addresses beside the issuer's own may be, too.

        `patience`: for each of the answers.

        Raises:
            Invalid: `ca_bundle_unusable`.
        """
        self.name = NAME
        self.label = client.label
        self._client = client
        self._transport = Transport(client.label, ca_bundle, may_be_private=may_be_private, patience=patience)
        self._discovery = Discovery(client.label, client.issuer, self._transport, clock)
        self._keys = SigningKeys(client.label, self._discovery, self._transport, clock)

    async def address(self, challenge: Challenge, redirect_uri: str) -> str:
        """Return where the browser has to go."""
        metadata = await self._discovery.metadata()
        return with_query(
            metadata.authorization_endpoint,
            {
                "response_type": "code",
                "client_id": self._client.client_id,
                "redirect_uri": redirect_uri,
                "scope": self._client.scopes,
                "state": challenge.state,
                "nonce": challenge.nonce,
                "code_challenge": challenge.code_challenge,
                "code_challenge_method": "S256",
            },
        )

    async def person(self, challenge: Challenge, come_back: ComeBack, redirect_uri: str) -> Person:
        """Return who came back."""
        metadata = await self._discovery.metadata()
        self._check_issuer(metadata, come_back)
        if come_back.error is not None or come_back.code is None:
            raise turned_away(self.label, come_back.error or "no code came back")
        tokens = await self._exchanged(metadata, challenge, come_back.code, redirect_uri)
        expected = Expected(
            metadata.issuer,
            self._client.client_id,
            challenge.nonce,
            tokens.access_token,
            metadata.id_token_signing_alg_values_supported,
        )
        try:
            claims = await verified_claims(tokens.id_token, expected, self._keys)
            if not self._client.wanted_claims <= claims.keys():
                claims = {**await self._userinfo(metadata, tokens, claims["sub"]), **claims}
            return _person(claims, metadata.issuer, self._client.role_claim)
        except Untrustworthy as error:
            raise refused(self.label, str(error)) from None

    def _check_issuer(self, metadata: Metadata, come_back: ComeBack) -> None:
        """Refuse an answer that another provider gave (RFC 9207)."""
        said = come_back.issuer
        is_due = metadata.authorization_response_iss_parameter_supported
        if (said is None and is_due) or (said is not None and said != metadata.issuer):
            raise refused(self.label, "the answer is of another provider")

    async def _exchanged(
        self, metadata: Metadata, challenge: Challenge, code: str, redirect_uri: str
    ) -> _Tokens:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": challenge.verifier,
        }
        credential, headers = self._credential(metadata)
        url = metadata.token_endpoint
        answer = await self._transport.post(
            url, {**form, **credential}, headers, is_trusted=self._discovery.is_trusted(url)
        )
        if answer.status != 200:
            raise self._no_tokens(answer)
        try:
            return _Tokens.model_validate(answer.body)
        except ValidationError:
            raise refused(self.label, "it gave no ID token") from None

    def _credential(self, metadata: Metadata) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Return what of the form and of the headers says that we are the client (RFC 6749, 2.3.1)."""
        own, secret = self._client.client_id, self._client.client_secret
        if not secret:
            return {"client_id": own}, {}
        if "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            pair = f"{quote_plus(own)}:{quote_plus(secret)}"
            return {}, {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        return {"client_id": own, "client_secret": secret}, {}

    def _no_tokens(self, answer: Answer) -> FastFlowError:
        logged(self.label, "tokens for a code", f"HTTP {answer.status} {answer.error}")
        if answer.error in ("invalid_client", "unauthorized_client") or answer.status == 401:
            return unusable(
                self.label,
                "it does not know this server",
                "An admin can check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.",
            )
        return refused(self.label, "it does not take the code that your browser brought; it may be used up")

    async def _userinfo(self, metadata: Metadata, tokens: _Tokens, subject: object) -> Claims:
        """Ask for the claims that the ID token lacks (OpenID Connect Core 1.0, 5.3)."""
        url = metadata.userinfo_endpoint
        if url is None:
            return {}
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        answer = await self._transport.get(url, headers, is_trusted=self._discovery.is_trusted(url))
        if answer.status != 200 or not isinstance(answer.body, dict):
            logged(self.label, "userinfo", f"HTTP {answer.status} {answer.error}")
            return {}
        if answer.body.get("sub") != subject:  # 5.3.2: else a token that was swapped would speak for others
            raise Untrustworthy("its userinfo is about somebody else")
        return answer.body


def _person(claims: Claims, issuer: str, role_claim: str) -> Person:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise Untrustworthy("its ID token names nobody")
    email = _email(claims)
    login = _text(claims, "preferred_username") or (email or "").partition("@")[0] or subject
    words = _words(claims.get(role_claim))
    return Person(issuer, subject, login, _text(claims, "name"), email, role_words=words)


def _words(claim: object) -> frozenset[str]:
    """Return the words of a claim that is a text or a list of texts."""
    several = cast("list[object]", claim) if isinstance(claim, list) else [claim]
    return frozenset(word for word in several if isinstance(word, str))


def _email(claims: Claims) -> str | None:
    """Return the address that the provider vouches for.

    Some write `email_verified` as a word, and every word but the empty one is true to Python.
    """
    is_verified: Any = claims.get("email_verified")
    return vouched_email(claims.get("email")) if is_verified is True or is_verified == "true" else None


def _text(claims: Claims, name: str) -> str | None:
    value = claims.get(name)
    return value[:200].strip() or None if isinstance(value, str) and value.isprintable() else None
