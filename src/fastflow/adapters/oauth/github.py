"""Signs people in at GitHub, which speaks OAuth 2.0 with PKCE and no OpenID Connect.

docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, TypeVar
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from fastflow.adapters.oauth.authorization import vouched_email, with_query
from fastflow.adapters.oauth.provider_errors import logged, refused, turned_away, unusable
from fastflow.adapters.oauth.transport import Answer, Transport
from fastflow.domain.errors import FastFlowError
from fastflow.domain.github import PUBLIC_API, git_host_of
from fastflow.domain.identity import Challenge, ComeBack, Person

NAME: Final = "github"
LABEL: Final = "GitHub"
_API_HEADERS: Final = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GitHubClient:
    """This server as GitHub knows it: an OAuth App."""

    client_id: str
    client_secret: str = field(repr=False)
    api_url: str = PUBLIC_API
    organisations: frozenset[str] = frozenset()
    """Those whose membership is asked for, in lower case."""

    @property
    def web_url(self) -> str:
        """Where people go: `https://github.com`, or the own GitHub that has that API."""
        parts = urlsplit(self.api_url)
        host = git_host_of(self.api_url)
        return f"{parts.scheme}://{parts.netloc if host == parts.hostname else host}"


class _Token(BaseModel):
    access_token: Annotated[str, Field(pattern=r"^[!-~]{1,4096}$", repr=False)]


class _User(BaseModel):
    id: Annotated[int, Field(gt=0)]
    login: Annotated[str, Field(max_length=100)]
    name: str | None = None


class _Email(BaseModel):
    email: str
    primary: bool = False
    verified: bool = False


class _Organisation(BaseModel):
    login: str


class _Membership(BaseModel):
    state: str
    organization: _Organisation


_EMAILS: Final = TypeAdapter(list[_Email])


class GitHubProvider:
    """Fulfils `domain.identity.IdentityProvider`."""

    def __init__(self, client: GitHubClient, ca_bundle: Path | None = None) -> None:
        """Prepare; asks nobody yet. Its addresses are the operator's, so they may be private ones.

        Raises:
            Invalid: `ca_bundle_unusable`.
        """
        self.name = NAME
        self.label = LABEL
        self._client = client
        self._transport = Transport(LABEL, ca_bundle, may_be_private=True)

    async def address(self, challenge: Challenge, redirect_uri: str) -> str:
        """Return where the browser has to go."""
        scopes = ["user:email", *(["read:org"] if self._client.organisations else [])]
        return with_query(
            f"{self._client.web_url}/login/oauth/authorize",
            {
                "client_id": self._client.client_id,
                "redirect_uri": redirect_uri,
                "scope": " ".join(scopes),
                "state": challenge.state,
                "code_challenge": challenge.code_challenge,
                "code_challenge_method": "S256",
            },
        )

    async def person(self, challenge: Challenge, come_back: ComeBack, redirect_uri: str) -> Person:
        """Return who came back."""
        if come_back.error is not None or come_back.code is None:
            raise turned_away(LABEL, come_back.error or "no code came back")
        token = await self._exchanged(challenge, come_back.code, redirect_uri)
        user = _understood(TypeAdapter(_User), await self._asked("/user", token))
        return Person(
            issuer=self._client.web_url,
            subject=str(user.id),
            login=user.login,
            name=(user.name or "").strip()[:200] or None,
            email=await self._email(token),
            organisations=await self._organisations(token),
        )

    async def _exchanged(self, challenge: Challenge, code: str, redirect_uri: str) -> str:
        answer = await self._transport.post(
            f"{self._client.web_url}/login/oauth/access_token",
            {
                "client_id": self._client.client_id,
                "client_secret": self._client.client_secret,
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": challenge.verifier,
            },
        )
        if answer.error or answer.status != 200:  # refusals are answered with 200, too
            raise _no_token(answer)
        return _understood(TypeAdapter(_Token), answer).access_token

    async def _email(self, token: str) -> str | None:
        answer = await self._asked("/user/emails?per_page=100", token)
        if answer.status in (403, 404):  # the person did not allow it, or the app may not
            return None
        found = _understood(_EMAILS, answer)
        primary = next((each.email for each in found if each.primary and each.verified), None)
        return vouched_email(primary)

    async def _organisations(self, token: str) -> frozenset[str]:
        """Return which of the allowed organisations they are a member of; an invitation is no membership."""
        found: set[str] = set()
        for organisation in sorted(self._client.organisations):
            answer = await self._asked(f"/user/memberships/orgs/{quote(organisation, safe='')}", token)
            if answer.status in (403, 404):
                # 404: no member. 403: the organisation lets no OAuth App look that it has not approved.
                logged(LABEL, f"membership of {organisation}", f"HTTP {answer.status}")
                continue
            membership = _understood(TypeAdapter(_Membership), answer)
            if membership.state == "active" and membership.organization.login.lower() == organisation:
                found.add(organisation)
        return frozenset(found)

    async def _asked(self, path: str, token: str) -> Answer:
        headers = {**_API_HEADERS, "Authorization": f"Bearer {token}"}
        return await self._transport.get(f"{self._client.api_url.rstrip('/')}{path}", headers)


def _no_token(answer: Answer) -> FastFlowError:
    logged(LABEL, "a token for a code", f"HTTP {answer.status} {answer.error}")
    if answer.error in ("incorrect_client_credentials", "redirect_uri_mismatch") or answer.status == 404:
        return unusable(
            LABEL,
            "it does not know this server",
            "An admin can check GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET, and that the OAuth App's callback "
            "URL begins with PUBLIC_URL.",
        )
    return refused(LABEL, "it does not take the code that your browser brought; it may be used up")


def _understood(kind: TypeAdapter[T], answer: Answer) -> T:
    try:
        if answer.status == 200:
            return kind.validate_python(answer.body)
    except ValidationError:
        pass
    logged(LABEL, "about a person", f"HTTP {answer.status}")
    raise unusable(
        LABEL, f"its API answered HTTP {answer.status} unexpectedly", "An admin can check GITHUB_API_URL."
    )
