"""Asks providers over HTTP, within limits of time and size, and follows them nowhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import aiohttp
from pydantic import JsonValue

from fastflow.adapters.http.answers import read_at_most, reason_of
from fastflow.adapters.http.connections import connector_to, leads_to_private, proxy_of, trust
from fastflow.adapters.oauth.provider_errors import unusable
from fastflow.domain.errors import Unavailable

PATIENCE: Final = timedelta(seconds=10)
"""For one answer, the way there and back."""
_LARGEST_ANSWER_BYTES: Final = 1024**2


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said, whether yes or no."""

    status: int
    body: JsonValue

    @property
    def error(self) -> str:
        """Its word for what went wrong (RFC 6749, 5.2); empty: there is none."""
        word = self.body.get("error") if isinstance(self.body, dict) else None
        return word if isinstance(word, str) else ""


class Transport:
    """Calls one provider; each call has a connection of its own, for they are few."""

    def __init__(
        self,
        provider: str,
        ca_bundle: Path | None,
        *,
        may_be_private: bool,
        patience: timedelta = PATIENCE,
    ) -> None:
        """Prepare; `may_be_private`: whether any server may have a loopback or private address.

        Raises:
            Invalid: `ca_bundle_unusable`.
        """
        self._provider = provider
        self._tls = trust(ca_bundle)
        self._may_be_private = may_be_private
        self._limit = aiohttp.ClientTimeout(total=patience.total_seconds())

    async def get(
        self, url: str, headers: Mapping[str, str] | None = None, *, is_trusted: bool = False
    ) -> Answer:
        """Ask for a document. `is_trusted`: the operator named that server, which may be a private one.

        Raises:
            Unavailable: `provider_unusable`; no answer, no JSON, a redirect, or a server's error.
        """
        return await self._call("GET", url, headers, None, is_trusted=is_trusted)

    async def post(
        self,
        url: str,
        form: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        *,
        is_trusted: bool = False,
    ) -> Answer:
        """Send a form. Raises: as `get`."""
        return await self._call("POST", url, headers, form, is_trusted=is_trusted)

    async def _call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        form: Mapping[str, str] | None,
        *,
        is_trusted: bool,
    ) -> Answer:
        try:
            connector = connector_to(url, may_be_private=is_trusted or self._may_be_private)
            async with (
                aiohttp.ClientSession(connector=connector, timeout=self._limit) as session,
                session.request(
                    method,
                    url,
                    headers={"Accept": "application/json", "User-Agent": "fast-flow", **(headers or {})},
                    data=form,
                    ssl=self._tls,
                    proxy=proxy_of(url),
                    allow_redirects=False,  # codes, secrets and tokens must not go elsewhere
                ) as response,
            ):
                content = await read_at_most(response, _LARGEST_ANSWER_BYTES)
                status = response.status
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise self._unreachable(url, error) from error
        if status >= 500 or 300 <= status < 400:
            raise self._unusable(f"{url} answered HTTP {status}")
        return Answer(status, self._parsed(url, content))

    def _parsed(self, url: str, content: bytes) -> JsonValue:
        try:
            return json.loads(content) if content else None
        except (ValueError, RecursionError):
            raise self._unusable(f"the answer of {url} is not JSON") from None

    def _unreachable(self, url: str, error: Exception) -> Unavailable:
        if leads_to_private(error):
            return unusable(
                self._provider,
                f"{url} is not at a public address",
                "Set ALLOW_PRIVATE_ADDRESSES=true if it is in this server's own network.",
            )
        return self._unusable(f"{url}: {reason_of(error)}")

    def _unusable(self, reason: str) -> Unavailable:
        return unusable(
            self._provider, reason, "An admin can check its settings, the network, HTTPS_PROXY and CA_BUNDLE."
        )
