"""Hands a session over to a browser: the access token in the answer, the refresh token in a cookie.

The cookie is for two routes below `/api/auth`, out of reach of scripts, and sent by pages of this site only.
"""

from typing import Final

from fastapi import Request
from starlette.responses import Response

from fastflow.api.schemas.accounts import SessionView
from fastflow.services.sessions import SignedIn

_NAME: Final = "fastflow_refresh"
_PATH: Final = "/api/auth"


def hand_over(signed_in: SignedIn, request: Request, response: Response) -> SessionView:
    """Put the refresh token, if there is a new one, into the response's cookie; return the body."""
    # The session as such, not the cookie, says when it ends.
    seconds = int((signed_in.refresh_expires_at - signed_in.access_expires_at).total_seconds())
    if signed_in.refresh_token is not None:
        response.set_cookie(
            _NAME,
            signed_in.refresh_token,
            max_age=max(seconds, 0),
            path=_PATH,
            secure=_is_behind_tls(request),
            httponly=True,
            samesite="strict",
        )
    response.headers["Cache-Control"] = "no-store"
    return SessionView.of(signed_in)


def refresh_token_of(request: Request) -> str | None:
    """Return the refresh token that a browser sent."""
    return request.cookies.get(_NAME)


def take_back(request: Request, response: Response) -> None:
    """Let the browser forget the cookie."""
    response.delete_cookie(
        _NAME, path=_PATH, secure=_is_behind_tls(request), httponly=True, samesite="strict"
    )


def _is_behind_tls(request: Request) -> bool:
    """Whether browsers come by TLS: PUBLIC_URL says so, or a trusted proxy of this request."""
    return request.app.state.is_https or request.url.scheme == "https"
