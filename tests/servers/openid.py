"""A stand-in for an OpenID Connect provider, written from the specifications; told to, it misbehaves.

OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, RFC 7636, RFC 9207.
"""

import base64
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

from aiohttp import web

from tests.servers.authorization_codes import AuthorizationCodes, Grant, send_back
from tests.servers.http_faults import HttpCall
from tests.servers.http_thread import HttpThread
from tests.servers.openid_keys import SigningKey, half_hash

Answer = web.StreamResponse

ALICE: Final[Mapping[str, object]] = {
    "sub": "248289761001",
    "preferred_username": "alice",
    "name": "Alice Adams",
    "email": "alice@example.org",
    "email_verified": True,
}


class StandInOpenId(HttpThread):
    """One client, and whoever sits at the browser: they consent at once."""

    def __init__(self, client_id: str = "fast-flow", client_secret: str = "s:ecret%/") -> None:  # noqa: S107
        """Start to listen; its issuer is its `base_url`."""
        self.client_id = client_id
        self.client_secret = client_secret
        self.redirect_uris: set[str] = set()
        """Where it sends people back to, and nowhere else."""
        self.person: Mapping[str, object] = ALICE
        """Who sits at the browser, as claims."""
        self.error: str | None = None
        """What it answers instead of a code: `access_denied`."""
        self.metadata: dict[str, object] = {}
        """Changes of the discovery document; None takes a field out."""
        self.token_claims: dict[str, object] = {}
        """Changes of ID tokens; None takes a claim out."""
        self.has_slim_tokens = False
        """Whether ID tokens say only who it is, as many providers do; userinfo says the rest."""
        self.userinfo_claims: dict[str, object] = {}
        self.key = SigningKey(1)
        self.published: list[dict[str, Any]] = [self.key.public_jwk]
        self.sign: Callable[[Mapping[str, object]], str] = lambda claims: self.key.sign(claims)
        """Makes ID tokens of claims."""
        self._codes = AuthorizationCodes()
        self._access_tokens: set[str] = set()
        super().__init__(self._serve)

    @property
    def issuer(self) -> str:
        """Its name and address."""
        return self.base_url

    def rotate_keys(self) -> None:
        """Sign with another key from now on, and publish only that one."""
        self.key = SigningKey(2)
        self.published = [self.key.public_jwk]

    async def _serve(self, call: HttpCall) -> Answer:
        request = call.request
        match request.method, request.path:
            case "GET", "/.well-known/openid-configuration":
                return _answer(_changed(self._described(), self.metadata))
            case "GET", "/jwks":
                return _answer({"keys": self.published})
            case "GET", "/authorize":
                return self._authorize(dict(request.query))
            case "POST", "/token":
                form = dict(parse_qsl((await request.read()).decode()))
                return self._token(form, request.headers.get("Authorization", ""))
            case "GET", "/userinfo":
                return self._userinfo(request.headers.get("Authorization", ""))
            case _:
                return web.Response(status=404)

    def _described(self) -> dict[str, object]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def _authorize(self, query: Mapping[str, str]) -> Answer:
        problem = self._codes.problem(query, self.client_id, self.redirect_uris)
        if problem is None and query.get("response_type") != "code":
            problem = "response_type"
        if problem is None and "openid" not in query.get("scope", "").split():
            problem = "scope"
        if problem is not None:
            return web.Response(status=400, text=f"invalid {problem}")
        if self.error is not None:
            return send_back(query, {"error": self.error, "iss": self.issuer})
        return self._codes.give(query, {"iss": self.issuer})

    def _token(self, form: Mapping[str, str], authorization: str) -> Answer:
        if not self._is_client(form, authorization):
            return _answer({"error": "invalid_client"}, 401)
        grant = self._codes.take(form)
        if grant is None or form.get("grant_type") != "authorization_code":
            return _answer({"error": "invalid_grant"}, 400)
        access_token = secrets.token_urlsafe(24)
        self._access_tokens.add(access_token)
        return _answer(
            {
                "access_token": access_token,
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": self.sign(self._claims(grant, access_token)),
            }
        )

    def _is_client(self, form: Mapping[str, str], authorization: str) -> bool:
        """Take the secret as RFC 6749, 2.3.1 says: each part is form-encoded before it is joined."""
        if authorization.startswith("Basic "):
            pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
            name, _, secret = pair.partition(":")
            return (unquote_plus(name), unquote_plus(secret)) == (self.client_id, self.client_secret)
        return (form.get("client_id"), form.get("client_secret", "")) == (self.client_id, self.client_secret)

    def _claims(self, grant: Grant, access_token: str) -> dict[str, object]:
        now = int(time.time())
        said = {"sub": self.person["sub"]} if self.has_slim_tokens else dict(self.person)
        own = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "nonce": grant.nonce,
            "at_hash": half_hash(access_token),
        }
        return _changed({**said, **own}, self.token_claims)

    def _userinfo(self, authorization: str) -> Answer:
        if authorization.removeprefix("Bearer ") not in self._access_tokens:
            return _answer({"error": "invalid_token"}, 401)
        return _answer(_changed(dict(self.person), self.userinfo_claims))


def _changed(content: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in {**content, **changes}.items() if value is not None}


def _answer(body: object, status: int = 200) -> web.Response:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return web.Response(status=status, text=json.dumps(body), headers=headers)
