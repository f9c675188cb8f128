"""Speaks HTTP with GitHub's REST API."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import aiohttp
from pydantic import JsonValue

from fastflow.adapters.http.answers import read_at_most, reason_of
from fastflow.adapters.http.connections import connector_to, leads_to_private, proxy_of, trust
from fastflow.domain.errors import FastFlowError, Invalid, Unavailable
from fastflow.domain.ports import Clock
from fastflow.domain.repository import GitHubApp

_LIMIT: Final = aiohttp.ClientTimeout(total=20, connect=10)
_LARGEST_ANSWER_BYTES: Final = 8 * 1024**2
_PATIENCE: Final = timedelta(minutes=1)
"""To wait after a refusal for asking too fast that does not say how long."""
_LONGEST_PATIENCE: Final = timedelta(hours=1)
_HEADERS: Final = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": "fast-flow",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What GitHub said, whether yes or no."""

    status: int
    body: JsonValue

    @property
    def message(self) -> str:
        """GitHub's own words, shortened."""
        words = self.body.get("message") if isinstance(self.body, dict) else None
        return words[:200] if isinstance(words, str) else f"HTTP {self.status}"


class GitHubApi:
    """Calls of an App to its API; each has a connection of its own, for they are few."""

    def __init__(self, clock: Clock, ca_bundle: Path | None = None) -> None:
        """Prepare; `ca_bundle` is a PEM file of authorities that are trusted besides the host's.

        Raises:
            Invalid: `ca_bundle_unusable`.
        """
        self._clock = clock
        self._tls = trust(ca_bundle)
        self._resume_at: dict[tuple[str, str], datetime] = {}

    async def call(
        self, app: GitHubApp, method: str, path: str, token: str, body: Mapping[str, object] | None = None
    ) -> Answer:
        """Return the answer, also where it is a refusal.

        Raises:
            Invalid: `address_not_allowed`.
            Unavailable: `github_unreachable`; no answer, or a server's error. `github_rate_limited`.
        """
        self._be_patient(app)
        url = f"{app.api_url.rstrip('/')}{path}"
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector_to(url, may_be_private=app.may_be_private), timeout=_LIMIT
                ) as session,
                session.request(
                    method,
                    url,
                    headers={**_HEADERS, "Authorization": f"Bearer {token}"},
                    json=body,
                    ssl=self._tls,
                    proxy=proxy_of(url),
                    allow_redirects=False,  # the token must not go elsewhere
                ) as response,
            ):
                content = await read_at_most(response, _LARGEST_ANSWER_BYTES)
                self._heed_limits(app, response)
                status = response.status
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise _unreachable(app, error) from error
        if status >= 500:
            raise unusable(app, f"it answered HTTP {status}")
        return Answer(status, _parsed(app, content))

    def _be_patient(self, app: GitHubApp) -> None:
        until = self._resume_at.get((app.api_url, app.app_id))
        if until is not None and self._clock.now() < until:
            raise _rate_limited(app, until - self._clock.now())

    def _heed_limits(self, app: GitHubApp, response: aiohttp.ClientResponse) -> None:
        """Ask no more before GitHub says so: who goes on asking may be shut out.

        docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
        """
        headers = response.headers
        has_none_left = headers.get("X-RateLimit-Remaining") == "0"
        if response.status not in (403, 429):
            return
        if response.status == 403 and "Retry-After" not in headers and not has_none_left:
            return
        now = self._clock.now()
        wait = _PATIENCE
        if (seconds := headers.get("Retry-After", "")).isdecimal():
            wait = timedelta(seconds=min(int(seconds), _LONGEST_PATIENCE.total_seconds()))
        elif has_none_left and (reset := headers.get("X-RateLimit-Reset", "")).isdecimal():
            at = datetime.fromtimestamp(min(int(reset), 2**33), UTC)
            wait = min(max(at - now, timedelta()), _LONGEST_PATIENCE)
        self._resume_at[app.api_url, app.app_id] = now + wait
        raise _rate_limited(app, wait)


def unusable(app: GitHubApp, reason: str) -> Unavailable:
    """Return the error for an API that does not answer as GitHub does."""
    return Unavailable(
        "github_unreachable",
        f"GitHub's API at {app.api_url} can't be used: {reason}. Check the App's API URL, the network, "
        "HTTPS_PROXY and CA_BUNDLE; Fast-Flow asks again by itself.",
        {"api_url": app.api_url},
    )


def _parsed(app: GitHubApp, content: bytes) -> JsonValue:
    try:
        return json.loads(content) if content else None
    except (ValueError, RecursionError):
        raise unusable(app, "its answer is not JSON; another server may be in between") from None


def _unreachable(app: GitHubApp, error: Exception) -> FastFlowError:
    if leads_to_private(error):
        return Invalid(
            "address_not_allowed",
            f"GitHub's API at {app.api_url} is not at a public address. Set ALLOW_PRIVATE_ADDRESSES=true if "
            "it is in this server's own network.",
            {"api_url": app.api_url},
        )
    return unusable(app, reason_of(error))


def _rate_limited(app: GitHubApp, wait: timedelta) -> Unavailable:
    seconds = int(wait.total_seconds())
    return Unavailable(
        "github_rate_limited",
        f"GitHub has been asked too often by the App {app.name}; it is asked again in {seconds} s.",
        {"github_app": app.name, "retry_after_seconds": seconds},
    )
