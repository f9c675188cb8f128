"""Gets installation tokens of GitHub Apps and keeps each until shortly before it expires."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from fastflow.adapters.github.api import Answer, GitHubApi, unusable
from fastflow.adapters.github.app_jwt import app_jwt, check_key
from fastflow.domain.errors import FastFlowError, Forbidden, Invalid, NotFound
from fastflow.domain.git_url import GitUrl, parse_url
from fastflow.domain.github import git_host_of, owner_and_name
from fastflow.domain.ports import Clock
from fastflow.domain.repository import GitHubApp, Installation

RENEWED_BEFORE: Final = timedelta(minutes=5)
"""What a token that is handed out still has to live."""
_PER_PAGE: Final = 100
_MOST_PAGES: Final = 10

M = TypeVar("M", bound=BaseModel)
Key = tuple[GitHubApp, str, int | None]


class _Minted(BaseModel):
    # A token is written into line-based protocols: nothing in it may end a line.
    token: Annotated[str, Field(pattern=r"^[!-~]{1,4096}$", repr=False)]
    expires_at: AwareDatetime

    model_config = ConfigDict(hide_input_in_errors=True)


class _Account(BaseModel):
    login: str


class _Installed(BaseModel):
    id: int
    account: _Account
    suspended_at: AwareDatetime | None = None


class _Repository(BaseModel):
    full_name: str


class _Repositories(BaseModel):
    repositories: list[_Repository]


@dataclass(slots=True)
class _Slot:
    """One token, and who makes it: others wait at the lock and find it made."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    minted: _Minted | None = None


class GitHubTokens:
    """Fulfils `repository_ports.InstallationTokens`. Tokens are kept in memory only."""

    def __init__(self, clock: Clock, ca_bundle: Path | None = None) -> None:
        """Prepare; connects to nothing. Raises: as `GitHubApi`."""
        self._clock = clock
        self._api = GitHubApi(clock, ca_bundle)
        self._slots: dict[Key, _Slot] = {}

    async def token(self, app: GitHubApp, repository_url: str, installation_id: int | None) -> str:
        """Return a token for reading that repository, a kept one where it lives long enough."""
        url = parse_url(repository_url)
        _refuse_foreign(app, url)
        owner, name = owner_and_name(url)
        slot = self._slots.setdefault((app, repository_url, installation_id), _Slot())
        async with slot.lock:
            minted = slot.minted
            if minted is None or minted.expires_at - self._clock.now() <= RENEWED_BEFORE:
                minted = slot.minted = await self._mint(app, owner, name, installation_id)
                self._forget_expired()
            return minted.token

    def forget(self, app: GitHubApp, repository_url: str, installation_id: int | None) -> None:
        """Keep that token no longer."""
        slot = self._slots.get((app, repository_url, installation_id))
        if slot is not None:
            slot.minted = None

    async def installations(self, app: GitHubApp) -> list[Installation]:
        """Ask GitHub where the App is installed, and what it may read there."""
        jwt = await self._jwt(app)
        found: list[_Installed] = []
        for page in range(1, _MOST_PAGES + 1):
            path = f"/app/installations?per_page={_PER_PAGE}&page={page}"
            answer = await self._api.call(app, "GET", path, jwt)
            if answer.status != 200:
                raise _refused(app, answer)
            if not isinstance(answer.body, list):
                raise unusable(app, "its list of installations is none")
            found += [_understood(app, _Installed, item) for item in answer.body]
            if len(answer.body) < _PER_PAGE:
                break
        return [await self._described(app, jwt, installed) for installed in found]

    async def check_key(self, private_key: str) -> None:
        """Sign something with it."""
        await asyncio.to_thread(check_key, private_key)

    def _forget_expired(self) -> None:
        now: datetime = self._clock.now()
        for key, slot in list(self._slots.items()):
            if not slot.lock.locked() and (slot.minted is None or slot.minted.expires_at <= now):
                del self._slots[key]

    async def _jwt(self, app: GitHubApp) -> str:
        return await asyncio.to_thread(app_jwt, app, self._clock.now())

    async def _mint(self, app: GitHubApp, owner: str, name: str, installation_id: int | None) -> _Minted:
        jwt = await self._jwt(app)
        number = installation_id
        if number is None:
            answer = await self._api.call(app, "GET", f"/repos/{owner}/{name}/installation", jwt)
            if answer.status != 200:
                raise await self._why_not(app, jwt, answer, f"{owner}/{name}")
            number = _understood(app, _Installed, answer.body).id
        body: dict[str, object] = {"repositories": [name], "permissions": {"contents": "read"}}
        answer = await self._api.call(app, "POST", f"/app/installations/{number}/access_tokens", jwt, body)
        if answer.status != 201:
            raise await self._why_not(app, jwt, answer, f"{owner}/{name}")
        return _understood(app, _Minted, answer.body)

    async def _why_not(self, app: GitHubApp, jwt: str, answer: Answer, repository: str) -> FastFlowError:
        """Tell an App that GitHub does not know from one that is not installed: both are 404 there."""
        if answer.status in (301, 302, 307, 308):
            return _not_installed(app, repository, "The repository was renamed or moved; enter its new URL.")
        if answer.status != 404:
            return _refused(app, answer)
        itself = await self._api.call(app, "GET", "/app", jwt)
        if itself.status != 200:
            return _refused(app, itself)
        return _not_installed(
            app, repository, "Install it there on GitHub, or let its installation see that repository."
        )

    async def _described(self, app: GitHubApp, jwt: str, installed: _Installed) -> Installation:
        is_suspended = installed.suspended_at is not None
        repositories = () if is_suspended else await self._repositories(app, jwt, installed.id)
        return Installation(installed.id, installed.account.login, is_suspended, repositories)

    async def _repositories(self, app: GitHubApp, jwt: str, number: int) -> tuple[str, ...]:
        path = f"/app/installations/{number}/access_tokens"
        answer = await self._api.call(app, "POST", path, jwt, {"permissions": {"metadata": "read"}})
        if answer.status != 201:
            raise _refused(app, answer)
        token = _understood(app, _Minted, answer.body).token
        names: list[str] = []
        for page in range(1, _MOST_PAGES + 1):
            path = f"/installation/repositories?per_page={_PER_PAGE}&page={page}"
            answer = await self._api.call(app, "GET", path, token)
            if answer.status != 200:
                raise _refused(app, answer)
            found = _understood(app, _Repositories, answer.body).repositories
            names += [repository.full_name for repository in found]
            if len(found) < _PER_PAGE:
                break
        return tuple(names)


def _refuse_foreign(app: GitHubApp, url: GitUrl) -> None:
    """Refuse to make a token that would then be shown to another host."""
    host = git_host_of(app.api_url)
    if url.host != host:
        raise Invalid(
            "github_host_differs",
            f"The GitHub App {app.name} opens repositories of {host}, not of {url.host}.",
            {"url": f"has to be on {host}", "github_app": app.name},
        )


def _understood(app: GitHubApp, model: type[M], body: object) -> M:
    try:
        return model.model_validate(body)
    except ValidationError:
        raise unusable(app, "its answer is not GitHub's; another server may be in between") from None


def _refused(app: GitHubApp, answer: Answer) -> Forbidden:
    return Forbidden(
        "github_app_refused",
        f"GitHub refused the App {app.name} (id {app.app_id}): {answer.message}. Check its id and private "
        "key, this server's clock, and on GitHub that it is not suspended and may read contents.",
        {"github_app": app.name, "status": answer.status},
    )


def _not_installed(app: GitHubApp, repository: str, remedy: str) -> NotFound:
    return NotFound(
        "installation_not_found",
        f"The GitHub App {app.name} is not installed on {repository}. {remedy}",
        {"github_app": app.name, "repository": repository},
    )
