"""Reads what an OpenID Connect provider says about itself (OpenID Connect Discovery 1.0)."""

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from fastflow.adapters.oauth.provider_errors import unusable
from fastflow.adapters.oauth.transport import Answer, Transport
from fastflow.domain.addresses import as_address
from fastflow.domain.errors import Unavailable
from fastflow.domain.ports import Clock

KEPT_FOR: Final = timedelta(hours=1)


class Metadata(BaseModel):
    """The part of the discovery document that signing in needs."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    id_token_signing_alg_values_supported: tuple[str, ...] | None = None
    authorization_response_iss_parameter_supported: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that browsers or this server are sent to."""
        own = (self.authorization_endpoint, self.token_endpoint, self.jwks_uri)
        return own if self.userinfo_endpoint is None else (*own, self.userinfo_endpoint)


class Discovery:
    """Keeps the document for an hour."""

    def __init__(self, provider: str, issuer: str, transport: Transport, clock: Clock) -> None:
        self._provider = provider
        self._issuer = issuer
        self._transport = transport
        self._clock = clock
        self._kept: tuple[Metadata, datetime] | None = None

    async def metadata(self) -> Metadata:
        """Return what is kept, or ask.

        Raises:
            Unavailable: `provider_unusable`.
        """
        now = self._clock.now()
        if self._kept is not None and timedelta() <= now - self._kept[1] < KEPT_FOR:
            return self._kept[0]
        # OpenID Connect Discovery 1.0, 4: appended to the issuer, whose last slash is dropped.
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        found = self._checked(await self._transport.get(url, is_trusted=True), url)
        self._kept = (found, now)
        return found

    def is_trusted(self, url: str) -> bool:
        """Whether that address is on the issuer's own server, which the operator named."""
        return _origin(url) == _origin(self._issuer)

    def _checked(self, answer: Answer, url: str) -> Metadata:
        try:
            found = Metadata.model_validate(answer.body) if answer.status == 200 else None
        except ValidationError as error:
            missing = ", ".join(".".join(map(str, each["loc"])) for each in error.errors())
            raise self._unusable(f"its discovery document lacks {missing or 'everything'}") from None
        if found is None:
            raise self._unusable(f"{url} answered HTTP {answer.status}")
        if found.issuer != self._issuer:  # 4.3; else one provider could speak for another
            raise self._unusable(
                f"it calls itself {found.issuer[:200]!r}; if that is the one, write OIDC_ISSUER exactly so"
            )
        for address in found.addresses:
            if not is_secure(address):
                raise self._unusable(f"its address {address[:200]!r} does not begin with https://")
        return found

    def _unusable(self, reason: str) -> Unavailable:
        return unusable(self._provider, reason, "An admin can check OIDC_ISSUER.")


def is_secure(url: str) -> bool:
    """Whether nobody between can read what is sent there: HTTPS, or this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or not url.isprintable() or " " in url:
        return False
    address = as_address(host)
    is_here = host == "localhost" or (address is not None and address.is_loopback)
    return parts.scheme == "https" or (parts.scheme == "http" and is_here)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    default = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or default
