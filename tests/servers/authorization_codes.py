"""Authorisation codes with PKCE as stand-ins for providers give them out (RFC 6749, RFC 7636)."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code was given out for."""

    redirect_uri: str
    code_challenge: str
    nonce: str | None
    scopes: frozenset[str]


class AuthorizationCodes:
    """Codes that are taken once."""

    def __init__(self) -> None:
        self._grants: dict[str, Grant] = {}

    def problem(self, query: Mapping[str, str], client_id: str, redirect_uris: set[str]) -> str | None:
        """Say what is wrong with an authorisation request; strict about what is optional in the RFCs."""
        if query.get("client_id") != client_id:
            return "client_id"
        if query.get("redirect_uri") not in redirect_uris:
            return "redirect_uri"
        if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
            return "code_challenge"
        return None if len(query.get("state", "")) >= 22 else "state"

    def give(self, query: Mapping[str, str], extra: Mapping[str, str] | None = None) -> web.Response:
        """Send the browser back with a code for what it asked for."""
        code = secrets.token_urlsafe(16)
        scopes = frozenset(query.get("scope", "").split())
        grant = Grant(query["redirect_uri"], query["code_challenge"], query.get("nonce"), scopes)
        self._grants[code] = grant
        return send_back(query, {"code": code, **(extra or {})})

    def take(self, form: Mapping[str, str]) -> Grant | None:
        """Return what the code was given out for; None: it is no code, used up, or another's."""
        grant = self._grants.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if grant is None or grant.redirect_uri != form.get("redirect_uri"):
            return None
        return grant if challenge == grant.code_challenge else None


def send_back(query: Mapping[str, str], answer: Mapping[str, str]) -> web.Response:
    """Redirect the browser to the client with an answer."""
    target = f"{query['redirect_uri']}?{urlencode({**answer, 'state': query['state']})}"
    return web.Response(status=302, headers={"Location": target})
