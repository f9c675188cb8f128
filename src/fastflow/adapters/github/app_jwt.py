"""Signs as a GitHub App: a JSON Web Token that lives for minutes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import jwt

from fastflow.domain.errors import Invalid
from fastflow.domain.repository import GitHubApp

# docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/
# generating-a-json-web-token-jwt-for-a-github-app: issued 60 seconds ago against clocks that differ, and
# expiring at most 10 minutes from GitHub's now.
_BACKDATED: Final = timedelta(seconds=60)
_LIFE: Final = timedelta(minutes=9)


def app_jwt(app: GitHubApp, now: datetime) -> str:
    """Return a token that says: I am this App. Takes milliseconds: not for the event loop.

    Raises:
        Invalid: `github_app_key_invalid`.
    """
    claims = {
        "iat": int((now - _BACKDATED).timestamp()),
        "exp": int((now + _LIFE).timestamp()),
        "iss": app.app_id,
    }
    return _sign(claims, app.private_key)


def check_key(private_key: str) -> None:
    """Sign something, to see whether that can be done.

    Raises:
        Invalid: `github_app_key_invalid`.
    """
    _sign({"iss": "nobody"}, private_key)


def _sign(claims: Mapping[str, object], private_key: str) -> str:
    try:
        return jwt.encode(dict(claims), private_key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        # The library's words may quote the key.
        problem = "it has to be the PEM file that GitHub gave when the key was made (RSA, without passphrase)"
        raise Invalid(
            "github_app_key_invalid",
            f"The GitHub App's private key can't be used: {problem}.",
            {"private_key": problem},
        ) from None
