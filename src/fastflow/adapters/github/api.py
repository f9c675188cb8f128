"""Speaks HTTP with GitHub's REST API."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import aiohttp
from pydantic import JsonValue

from fastflow.adapters.github.connections import (
    PrivateAddress,
    PublicAddresses,
    address_not_allowed,
    proxy_of,
    refuse_private_literal,
)
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
        self._tls = _trusting(ca_bundle) if ca_bundle is not None else True
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
        if not app.may_be_private:
            refuse_private_literal(url)
        try:
            async with (
                aiohttp.ClientSession(connector=_connector(app, url), timeout=_LIMIT) as session,
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
                content = await _read(response)
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


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > _LARGEST_ANSWER_BYTES:
            raise aiohttp.ClientPayloadError("its answer has no end")
        parts.append(part)
    return b"".join(parts)


def _parsed(app: GitHubApp, content: bytes) -> JsonValue:
    try:
        return json.loads(content) if content else None
    except (ValueError, RecursionError):
        raise unusable(app, "its answer is not JSON; another server may be in between") from None


def _connector(app: GitHubApp, url: str) -> aiohttp.TCPConnector:
    # Behind a proxy it is the proxy's name that is looked up here, which is often a private one.
    if app.may_be_private or proxy_of(url) is not None:
        return aiohttp.TCPConnector(force_close=True)
    return aiohttp.TCPConnector(resolver=PublicAddresses(), use_dns_cache=False, force_close=True)


def _unreachable(app: GitHubApp, error: Exception) -> FastFlowError:
    if isinstance(error, aiohttp.ClientConnectorDNSError) and isinstance(error.os_error, PrivateAddress):
        return address_not_allowed(app.api_url)
    if isinstance(error, asyncio.TimeoutError):
        return unusable(app, "it did not answer in time")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return unusable(app, f"its certificate is not trusted ({error.certificate_error})")
    if isinstance(error, aiohttp.ClientResponseError):  # of a proxy, whose URL may hold a password
        return unusable(app, f"the proxy answered HTTP {error.status}")
    return unusable(app, f"{type(error).__name__}: {error}"[:300])


def _rate_limited(app: GitHubApp, wait: timedelta) -> Unavailable:
    seconds = int(wait.total_seconds())
    return Unavailable(
        "github_rate_limited",
        f"GitHub has been asked too often by the App {app.name}; it is asked again in {seconds} s.",
        {"github_app": app.name, "retry_after_seconds": seconds},
    )


def _trusting(ca_bundle: Path) -> ssl.SSLContext:
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(ca_bundle)
    except (OSError, ssl.SSLError) as error:
        raise Invalid(
            "ca_bundle_unusable",
            f"CA_BUNDLE {ca_bundle} can't be read as PEM: {error.strerror or error}.",
            {"ca_bundle": str(ca_bundle)},
        ) from error
    return context
