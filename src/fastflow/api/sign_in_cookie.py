"""Binds a sign-in that is under way to the browser that began it."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fastflow.api.deps import Services
from fastflow.services.sign_in_attempts import LIFE

_NAME: Final = "fastflow_sign_in"
_PATH: Final = "/"
"""The whole site's, as the prefix `__Host-` asks: no other host of the domain can set it then."""


def bind(response: Response, services: Services, secret: str) -> None:
    """Let the browser keep it. `Lax`: it has to come along when the provider sends people back."""
    response.set_cookie(
        _name(services),
        secret,
        max_age=int(LIFE.total_seconds()),
        path=_PATH,
        secure=services.accounts.provider_sign_in.is_secure,
        httponly=True,
        samesite="lax",
    )
    response.headers["Cache-Control"] = "no-store"


def bound(request: Request, services: Services) -> str | None:
    """Return what the browser kept."""
    return request.cookies.get(_name(services))


def release(response: Response, services: Services) -> None:
    """Let the browser forget it."""
    response.delete_cookie(
        _name(services), _PATH, secure=services.accounts.provider_sign_in.is_secure, httponly=True
    )


def _name(services: Services) -> str:
    return f"__Host-{_NAME}" if services.accounts.provider_sign_in.is_secure else _NAME
