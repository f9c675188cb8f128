"""A stand-in for the parts of GitHub that a GitHub App and a sign-in need, written from its documentation.

docs.github.com/en/rest/apps/apps and …/rest/apps/installations, API version 2022-11-28.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.servers.app_jwt import NOT_DECODED, issuer_of, refusal
from tests.servers.certificates import TestAuthority
from tests.servers.github_installations import Installation, MintedToken, mint, new_token
from tests.servers.github_people import GitHubPeople
from tests.servers.http_faults import HttpCall
from tests.servers.http_thread import HttpThread

API_VERSION: Final = "2022-11-28"
ACCEPT: Final = "application/vnd.github+json"
_DOCUMENTATION: Final = "https://docs.github.com/rest"
_MOST_PER_PAGE: Final = 100

Answer = web.StreamResponse
T = TypeVar("T")


class StandInGitHub(HttpThread):
    """One app, its installations, the tokens it mints; at `base_url` lies what is at api.github.com.

    Stricter than GitHub where its documentation only recommends: requests without its `Accept` and
    `X-GitHub-Api-Version` are refused.
    """

    def __init__(
        self,
        public_key: rsa.RSAPublicKey,
        app_id: int = 1234,
        client_id: str = "Iv23liStandIn",
        authority: TestAuthority | None = None,
    ) -> None:
        """Start to listen; the app's tokens have to be signed by the private half of the key."""
        self.app_id = app_id
        self.client_id = client_id
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.token_life = timedelta(hours=1)
        self.has_long_tokens = True
        self.clone_base = "https://github.com"
        """Where `clone_url` of a repository leads: the `base_url` of a `GitHttpServer`, for instance."""
        self.minted: list[MintedToken] = []
        """Every token given out, in order."""
        self.people = GitHubPeople()
        """Those who sign in by an OAuth App; its pages are at `base_url`, too."""
        self._key = public_key
        self._installations: dict[int, Installation] = {}
        self._valid: dict[str, MintedToken] = {}
        self._ids = count(1)
        self._routes: Sequence[tuple[str, str, Callable[..., Answer]]] = (
            ("GET", r"/app", self._app),
            ("GET", r"/app/installations", self._list_installations),
            ("GET", r"/app/installations/(\d+)", self._one_installation),
            ("POST", r"/app/installations/(\d+)/access_tokens", self._mint),
            ("GET", r"/repos/([^/]+/[^/]+)/installation", self._installation_of),
            ("GET", r"/installation/repositories", self._repositories),
            ("DELETE", r"/installation/token", self._delete_token),
            ("GET", r"/user(?:/emails|/memberships/orgs/[^/]+)?", self._person),
        )
        super().__init__(self._serve, authority.server_context() if authority else None)

    def install(
        self, account: str, repositories: Sequence[str], permissions: Mapping[str, str] | None = None
    ) -> Installation:
        """Install the app on an account, for repositories named without their owner."""
        installation = Installation(
            next(self._ids), account, [f"{account}/{repository}" for repository in repositories]
        )
        if permissions is not None:
            installation.permissions = dict(permissions)
        self._installations[installation.id] = installation
        return installation

    def uninstall(self, installation: Installation) -> None:
        """Forget an installation; its tokens are worth nothing any more."""
        del self._installations[installation.id]

    def suspend(self, installation: Installation) -> None:
        """Suspend an installation until `unsuspend`; its tokens are refused meanwhile."""
        installation.suspended_at = self.clock()

    def unsuspend(self, installation: Installation) -> None:
        """End the suspension."""
        installation.suspended_at = None

    def revoke(self, token: str) -> None:
        """Refuse a token from now on."""
        self._valid.pop(token, None)

    def fail(self, times: int, status: int = 502) -> None:
        """Answer the next requests with a server's error."""
        self.faults.answer(status, '{"message": "Server Error"}', _JSON, times=times)

    def limit_rate(self, retry_after: timedelta, times: int = 1, status: int = 429) -> None:
        """Refuse the next requests as GitHub refuses those who ask too fast (403 or 429).

        docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api, "secondary rate limits".
        """
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        headers = {**_JSON, "Retry-After": str(int(retry_after.total_seconds()))}
        self.faults.answer(status, json.dumps(_error(message, status)), headers, times=times)

    def exhaust_rate(self, until: datetime, times: int = 1, status: int = 403) -> None:
        """Refuse the next requests as GitHub does when the hour's requests are used up (403 or 429)."""
        headers = {
            **_JSON,
            "X-RateLimit-Limit": "5000",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(int(until.timestamp())),
            "X-RateLimit-Resource": "core",
        }
        message = f"API rate limit exceeded for installation ID {next(iter(self._installations), 0)}."
        self.faults.answer(status, json.dumps(_error(message, status)), headers, times=times)

    def accepts(self, user: str, password: str, repository: str) -> bool:
        """Say whether Git over HTTPS lets a token in: the `authenticator` of a `GitHttpServer`."""
        token = self._live_token(password)
        return user == "x-access-token" and token is not None and repository in self._visible(token)

    async def _serve(self, call: HttpCall) -> Answer:
        request = call.request
        if request.path.startswith("/login/oauth/"):
            return await self._sign_in(request)
        for method, pattern, handler in self._routes:
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method:
                problem = self._problem_with_headers(request)
                body = await request.read()
                return problem or handler(request, *match.groups(), **({"body": body} if body else {}))
        return _refuse(404, "Not Found")

    async def _sign_in(self, request: web.BaseRequest) -> Answer:
        if request.method == "POST" and request.path == "/login/oauth/access_token":
            form = dict(parse_qsl((await request.read()).decode()))
            return self.people.exchange(form, request.headers.get("Accept", ""))
        return self.people.authorize(dict(request.query))

    def _person(self, request: web.BaseRequest) -> Answer:
        return self.people.ask(request.path, request.headers.get("Authorization", ""))

    def _problem_with_headers(self, request: web.BaseRequest) -> Answer | None:
        if "User-Agent" not in request.headers:
            return _refuse(403, "Request forbidden by administrative rules. Please set a User-Agent header.")
        if request.headers.get("Accept") != ACCEPT:
            return _refuse(415, f"Unsupported 'Accept' header. Must accept '{ACCEPT}'.")
        if request.headers.get("X-GitHub-Api-Version") != API_VERSION:
            return _refuse(400, "The API version is missing or not supported.")
        return None

    def _refuse_stranger(self, request: web.BaseRequest) -> Answer | None:
        """Refuse who isn't the app: only `Bearer` is taken for a JWT."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        issuer = issuer_of(token)
        if scheme.lower() != "bearer" or issuer is None:
            return _refuse(401, NOT_DECODED)
        if issuer not in (str(self.app_id), self.client_id):
            return _refuse(404, "Integration not found")
        message = refusal(token, self._key, self.clock())
        return None if message is None else _refuse(401, message)

    def _app(self, request: web.BaseRequest) -> Answer:
        app = {
            "id": self.app_id,
            "slug": "stand-in",
            "client_id": self.client_id,
            "name": "Stand-in",
            "owner": {"login": "acme", "id": 1, "type": "Organization"},
            "permissions": {"contents": "read", "metadata": "read"},
            "events": ["push"],
            "installations_count": len(self._installations),
        }
        return self._refuse_stranger(request) or _answer(app)

    def _list_installations(self, request: web.BaseRequest) -> Answer:
        refused = self._refuse_stranger(request)
        if refused is not None:
            return refused
        page, headers = self._page(request, [*self._installations.values()])
        return _answer([self._shown(installation) for installation in page], headers=headers)

    def _one_installation(self, request: web.BaseRequest, number: str) -> Answer:
        refused = self._refuse_stranger(request)
        installation = self._installations.get(int(number))
        return refused or (
            _refuse(404, "Not Found") if installation is None else _answer(self._shown(installation))
        )

    def _installation_of(self, request: web.BaseRequest, repository: str) -> Answer:
        refused = self._refuse_stranger(request)
        found = (x for x in self._installations.values() if repository in x.repositories)
        installation = next(found, None)
        return refused or (
            _refuse(404, "Not Found") if installation is None else _answer(self._shown(installation))
        )

    def _mint(self, request: web.BaseRequest, number: str, body: bytes = b"{}") -> Answer:
        refused = self._refuse_stranger(request)
        if refused is not None:
            return refused
        installation = self._installations.get(int(number))
        if installation is None:
            return _refuse(404, "Not Found")
        if installation.suspended_at is not None:
            return _refuse(403, "This installation has been suspended")
        wanted: dict[str, Any] = json.loads(body)
        token = mint(
            installation,
            new_token(self.app_id, is_long=self.has_long_tokens),
            self.clock(),
            self.token_life,
            repositories=wanted.get("repositories"),
            permissions=wanted.get("permissions"),
        )
        if isinstance(token, str):
            return _refuse(422, token)
        self.minted.append(token)
        self._valid[token.value] = token
        answer: dict[str, object] = {
            "token": token.value,
            "expires_at": _time(token.expires_at),
            "permissions": dict(token.permissions),
            "repository_selection": installation.selection if token.repositories is None else "selected",
        }
        if token.repositories is not None:
            answer["repositories"] = [self._repository(name) for name in token.repositories]
        return _answer(answer, 201)

    def _repositories(self, request: web.BaseRequest) -> Answer:
        token = self._token_of(request)
        if token is None:
            return _refuse(401, "Bad credentials")
        visible = self._visible(token)
        page, headers = self._page(request, visible)
        shown = [self._repository(name) for name in page]
        selection = self._installations[token.installation].selection
        answer = {"total_count": len(visible), "repository_selection": selection, "repositories": shown}
        return _answer(answer, headers=headers)

    def _delete_token(self, request: web.BaseRequest) -> Answer:
        token = self._token_of(request)
        if token is None:
            return _refuse(401, "Bad credentials")
        self.revoke(token.value)
        return web.Response(status=204)

    def _token_of(self, request: web.BaseRequest) -> MintedToken | None:
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        return self._live_token(value) if scheme.lower() in ("bearer", "token") else None

    def _live_token(self, value: str) -> MintedToken | None:
        token = self._valid.get(value)
        installation = None if token is None else self._installations.get(token.installation)
        if token is None or installation is None or installation.suspended_at is not None:
            return None
        return token if self.clock() < token.expires_at else None

    def _visible(self, token: MintedToken) -> Sequence[str]:
        if token.repositories is not None:
            return token.repositories
        return self._installations[token.installation].repositories

    def _page(self, request: web.BaseRequest, everything: Sequence[T]) -> tuple[Sequence[T], dict[str, str]]:
        """Cut out the page asked for; docs.github.com/en/rest/using-the-rest-api, "Using pagination"."""
        size = min(int(request.query.get("per_page", 30)), _MOST_PER_PAGE)
        number = int(request.query.get("page", 1))
        last = max(1, -(-len(everything) // size))
        links = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        shown = {name: page for name, page in links.items() if 1 <= page <= last and page != number}
        address = f"{self.base_url}{request.path}?per_page={size}&page="
        link = ", ".join(f'<{address}{page}>; rel="{name}"' for name, page in shown.items())
        return everything[(number - 1) * size : number * size], {"Link": link} if link else {}

    def _shown(self, installation: Installation) -> dict[str, object]:
        suspended = installation.suspended_at
        return {
            "id": installation.id,
            "account": {"login": installation.account, "id": 100 + installation.id, "type": "Organization"},
            "repository_selection": installation.selection,
            "access_tokens_url": f"{self.base_url}/app/installations/{installation.id}/access_tokens",
            "repositories_url": f"{self.base_url}/installation/repositories",
            "app_id": self.app_id,
            "app_slug": "stand-in",
            "target_type": "Organization",
            "permissions": installation.permissions,
            "events": ["push"],
            "suspended_at": None if suspended is None else _time(suspended),
        }

    def _repository(self, name: str) -> dict[str, object]:
        owner, _, short = name.partition("/")
        return {
            "name": short,
            "full_name": name,
            "private": True,
            "owner": {"login": owner},
            "clone_url": f"{self.clone_base}/{name}.git",
            "default_branch": "main",
        }


_JSON: Final = {"Content-Type": "application/json; charset=utf-8"}


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _error(message: str, status: int) -> dict[str, str]:
    return {"message": message, "documentation_url": _DOCUMENTATION, "status": str(status)}


def _refuse(status: int, message: str) -> web.Response:
    return _answer(_error(message, status), status)


def _answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=json.dumps(body), headers={**_JSON, **(headers or {})})
