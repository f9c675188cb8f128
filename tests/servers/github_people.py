"""People at a stand-in for GitHub: an OAuth App through which they sign in elsewhere.

docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps, …/rest/users/users,
…/rest/users/emails, …/rest/orgs/members.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from tests.servers.authorization_codes import AuthorizationCodes, send_back


@dataclass
class GitHubPerson:
    """Somebody with an account."""

    id: int
    login: str
    name: str | None = None
    emails: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    organisations: dict[str, str] = field(default_factory=dict[str, str])
    """The state of their membership by the organisation's login: `active` or `pending`."""


class GitHubPeople:
    """Whoever sits at the browser consents at once."""

    def __init__(self, client_id: str = "Ov23liStandIn", client_secret: str = "hush") -> None:  # noqa: S107
        self.client_id = client_id
        self.client_secret = client_secret
        self.redirect_uris: set[str] = set()
        self.person = GitHubPerson(
            583231,
            "octocat",
            "Mona Lisa",
            [
                {"email": "old@example.org", "primary": False, "verified": True, "visibility": None},
                {"email": "Octocat@Example.org", "primary": True, "verified": True, "visibility": "private"},
            ],
            {"acme": "active"},
        )
        self.error: str | None = None
        """What is answered instead of a code."""
        self.closed_organisations: set[str] = set()
        """Those that have not approved the app: it may not look into them."""
        self._codes = AuthorizationCodes()
        self._tokens: dict[str, frozenset[str]] = {}

    def authorize(self, query: Mapping[str, str]) -> web.Response:
        """Answer `GET /login/oauth/authorize`."""
        problem = self._codes.problem(query, self.client_id, self.redirect_uris)
        if problem is not None:
            return web.Response(status=404, text=problem)
        return self._codes.give(query) if self.error is None else send_back(query, {"error": self.error})

    def exchange(self, form: Mapping[str, str], accept: str) -> web.Response:
        """Answer `POST /login/oauth/access_token`; refusals are answered with 200."""
        if accept != "application/json":
            return web.Response(text="access_token=form-encoded&scope=&token_type=bearer")
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return _answer({"error": "incorrect_client_credentials", "error_description": "…"})
        grant = self._codes.take(form)
        if grant is None:
            return _answer({"error": "bad_verification_code", "error_description": "…"})
        token = f"gho_{secrets.token_hex(18)}"
        self._tokens[token] = grant.scopes
        scope = ",".join(sorted(grant.scopes))
        return _answer({"access_token": token, "scope": scope, "token_type": "bearer"})

    def ask(self, path: str, authorization: str) -> web.Response:
        """Answer what a person's token may ask for below `/user`."""
        scopes = self._tokens.get(authorization.removeprefix("Bearer "))
        if scopes is None:
            return _answer({"message": "Bad credentials"}, 401)
        if path == "/user":
            return _answer({"id": self.person.id, "login": self.person.login, "name": self.person.name})
        if path == "/user/emails":
            is_allowed = "user:email" in scopes
            return _answer(self.person.emails) if is_allowed else _answer({"message": "Not Found"}, 404)
        return self._membership(path.removeprefix("/user/memberships/orgs/").lower(), scopes)

    def _membership(self, organisation: str, scopes: frozenset[str]) -> web.Response:
        if organisation in self.closed_organisations:
            return _answer({"message": "the organization has enabled OAuth App access restrictions"}, 403)
        if "read:org" not in scopes:
            return _answer({"message": "You need at least read:org scope"}, 403)
        state = self.person.organisations.get(organisation)
        if state is None:
            return _answer({"message": "Not Found"}, 404)
        # Logins are shown as their owner wrote them, whatever was asked for.
        return _answer({"state": state, "role": "member", "organization": {"login": organisation.title()}})


def _answer(body: object, status: int = 200) -> web.Response:
    return web.Response(
        status=status, text=json.dumps(body), headers={"Content-Type": "application/json; charset=utf-8"}
    )
