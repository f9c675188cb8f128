"""Makes one credential of every kind that comes to a server: those to let in, and those to refuse."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import jwt

from fastflow.adapters.crypto.access_tokens import JwtAccessTokens
from fastflow.domain.account_ports import AccessClaims
from fastflow.domain.api_token import TokenKind
from fastflow.domain.role import Role
from fastflow.services.api_tokens import TokenWish
from tests.plugins.world import SIGNING_KEY, Instance

PASSWORD: Final = "correct horse battery"  # noqa: S105 - opens nothing


@dataclass(frozen=True)
class Credential:
    """What a request brings, and what is to be made of it."""

    header: str | None
    refusal: str | None = None
    """The code with which it is refused; None: whose it is is known."""
    role: Role = Role.ADMIN
    is_token: bool = False
    """A program's, which can't do what only a person may."""
    pipeline: str | None = None
    """The only one it is for."""


class Makers:
    """Makes credentials on a server that has accounts; every one is of another user, or nobody's."""

    def __init__(self, server: Instance) -> None:
        self.server, self.accounts = server, server.parts.services.accounts
        self.clock, self.signing = server.world.clock, server.world.access_tokens
        self._users = 0

    async def begin(self) -> None:
        """Close the server by its first account."""
        await self.accounts.users.create("root", Role.ADMIN, PASSWORD)

    async def user(self, role: Role = Role.ADMIN) -> str:
        """Admit another user; return the name. Without a password: hashing one takes its time."""
        self._users += 1
        return (await self.accounts.users.create(f"user{self._users}", role, None)).name

    async def session(self, name: str) -> str:
        """Sign a user in; return the access token."""
        user = await self.accounts.users.get(name)
        return (await self.accounts.sessions.begin(user.id)).access_token

    async def api_token(self, name: str, **wish: Any) -> tuple[str, str]:
        """Make a token of a user; return its id and itself."""
        made = await self.accounts.api_tokens.create(name, TokenWish("t", **wish))
        return made.entry.row.id, made.token

    async def claims(self) -> AccessClaims:
        """Return what a good token of a new admin says."""
        return self.signing.read(await self.session(await self.user()), self.clock.now())


def bearer(token: str) -> str:
    """Return the header that brings a token."""
    return f"Bearer {token}"


async def let_in(make: Makers) -> Mapping[str, Credential]:
    """Return credentials that hold."""
    found: dict[str, Credential] = {}
    for role in Role:
        name = await make.user(role)
        found[f"session of {role}"] = Credential(bearer(await make.session(name)), role=role)
        _, console = await make.api_token(await make.user(role), kind=TokenKind.CONSOLE)
        found[f"console of {role}"] = Credential(bearer(console), role=role)
        _, token = await make.api_token(await make.user(), role=role)
        found[f"token of {role}"] = Credential(bearer(token), role=role, is_token=True)
    for role in (Role.VIEWER, Role.EDITOR):
        for kind in ("session", "token"):
            name = await make.user()
            own = await make.session(name) if kind == "session" else (await make.api_token(name))[1]
            await make.accounts.users.change(name, role=role)
            title = f"{kind} of an admin who is {role} now"
            found[title] = Credential(bearer(own), role=role, is_token=kind == "token")
    name = await make.user(Role.VIEWER)
    own = await make.session(name)
    await make.accounts.users.change(name, role=Role.EDITOR)
    found["session of a viewer who is editor now"] = Credential(bearer(own), role=Role.EDITOR)
    found["scheme in capitals"] = Credential("BEARER " + await make.session(await make.user()))
    return found


async def scoped(make: Makers) -> Mapping[str, Credential]:
    """Return API tokens for `hello` only."""
    found: dict[str, Credential] = {}
    for role in Role:
        _, token = await make.api_token(await make.user(), role=role, pipelines=("hello",))
        found[f"{role}'s for hello"] = Credential(bearer(token), None, role, is_token=True, pipeline="hello")
    return found


async def forged(make: Makers) -> Mapping[str, Credential]:
    """Return access tokens that this installation has not signed, or not like this."""
    claims, now = await make.claims(), make.clock.now()
    good = make.signing.issue(claims, now)
    head, body, signature = good.split(".")
    kid = jwt.get_unverified_header(good)["kid"]
    told: dict[str, Any] = jwt.decode(good, options={"verify_signature": False})

    def signed(key: str = SIGNING_KEY, algorithm: str = "HS256", /, **changes: Any) -> str:
        payload = {name: value for name, value in {**told, **changes}.items() if value is not None}
        return jwt.encode(payload, key, algorithm=algorithm, headers={"kid": kid})

    other_key = "f" * 42
    tokens = {
        "no token at all": "nonsense",
        "three empty parts": "..",
        "ten thousand characters": "e" * 10_000,
        "another body": f"{head}.{_encoded({**told, 'sub': 'somebody'})}.{signature}",
        "another signature": f"{head}.{body}.{'A' * len(signature)}",
        "no signature": f"{head}.{body}.",
        "alg none": f"{_encoded({'alg': 'none', 'kid': kid, 'typ': 'JWT'})}.{body}.",
        "alg None, signed": f"{_encoded({'alg': 'None', 'kid': kid, 'typ': 'JWT'})}.{body}.{signature}",
        "HS512": signed(SIGNING_KEY * 2, "HS512"),
        "unknown kid": jwt.encode(told, SIGNING_KEY, headers={"kid": "0" * 16}),
        "no kid": jwt.encode(told, SIGNING_KEY),
        "kid that is a list": f"{_encoded({'alg': 'HS256', 'kid': [kid]})}.{body}.{signature}",
        "another key under our kid": signed(other_key),
        "another audience": signed(aud="somebody-else"),
        "two audiences without ours": signed(aud=["a", "b"]),
        "another issuer": signed(iss="fastflow:elsewhere"),
        **{f"no {claim}": signed(**{claim: None}) for claim in told},
        "exp as text": signed(exp="9999999999"),
        "sid as number": signed(sid=7),
        "another installation": JwtAccessTokens([other_key], "test").issue(claims, now),
        "another installation with our key": JwtAccessTokens([SIGNING_KEY], "else").issue(claims, now),
    }
    return {kind: Credential(bearer(token), "credential_invalid") for kind, token in tokens.items()}


async def ended(make: Makers) -> Mapping[str, Credential]:
    """Return credentials that were good once."""
    _, old_token = await make.api_token(await make.user(), expires_in=timedelta(hours=1))
    await make.clock.advance(timedelta(hours=1))
    accounts, now = make.accounts, make.clock.now()
    found = {"expired token": (old_token, "credential_invalid")}
    claims = await make.claims()
    late = AccessClaims(claims.user_id, claims.session_id, now)
    found["expired"] = make.signing.issue(late, now - timedelta(minutes=10)), "access_token_expired"
    other = AccessClaims((await make.claims()).user_id, claims.session_id, claims.expires_at)
    found["session of somebody else"] = make.signing.issue(other, now), "session_ended"
    signed_in = await accounts.sessions.begin(claims.user_id)
    await accounts.sessions.end(signed_in.refresh_token or "")
    found["signed out"] = signed_in.access_token, "session_ended"
    found["refresh token"] = signed_in.refresh_token or "", "credential_invalid"
    for kind in ("signed out everywhere", "disabled", "removed"):
        name = await make.user()
        session, (_, token) = await make.session(name), await make.api_token(name)
        _, console = await make.api_token(name, kind=TokenKind.CONSOLE)
        if kind == "disabled":
            await accounts.users.change(name, is_enabled=False)
            found["token of who is disabled"] = token, "account_disabled"
        elif kind == "removed":
            await accounts.users.remove(name)
            found["token of who is removed"] = token, "credential_invalid"
        else:
            await accounts.sessions.end_all((await accounts.users.get(name)).id)
        found[f"session of who is {kind}"] = session, "session_ended"
        found[f"console of who is {kind}"] = console, "credential_invalid"
    token_id, token = await make.api_token(await make.user())
    await accounts.api_tokens.revoke(token_id, None)
    found["revoked token"] = token, "credential_invalid"
    found["token that was made up"] = f"ff_{'A' * 43}", "credential_invalid"
    return {kind: Credential(bearer(token), code) for kind, (token, code) in found.items()}


def unreadable() -> Mapping[str, Credential]:
    """Return headers that bring nothing."""
    headers = {
        "nothing": None,
        "an empty header": "",
        "no token": "Bearer",
        "a space for a token": "Bearer  ",
        "a name and a password": "Basic cm9vdDpjb3JyZWN0",
        "another scheme": "Token abc",
    }
    missing, malformed = "credential_missing", "credential_malformed"
    return {
        kind: Credential(header, missing if header is None else malformed) for kind, header in headers.items()
    }


def _encoded(part: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
