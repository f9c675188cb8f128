"""How each route that changes something about people, sessions and tokens is called so that it does."""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from fastflow.domain.audit import AuditAction
from fastflow.domain.console import console_request
from fastflow.domain.role import Role
from fastflow.services.api_tokens import TokenWish
from fastflow.store import identities
from fastflow.store.ids import new_id
from fastflow.store.tables import IdentityRow
from tests.api.browsers import AskingConsole
from tests.api.writes import VALUE, Call, Place

PASSWORD: Final = "correct horse battery"  # noqa: S105 - opens nothing


async def _set_up(place: Place) -> Call:
    del place
    body = {"name": "ann", "password": VALUE}
    return Call("POST", "/api/setup", AuditAction.USER_CREATED, body, is_by_user=True)


async def _sign_in(place: Place) -> Call:
    await _ann(place)
    body = {"name": "ann", "password": PASSWORD}
    return Call("POST", "/api/auth/login", AuditAction.SIGNED_IN, body, is_by_user=True)


async def _sign_out(place: Place) -> Call:
    _, refresh_token = await _ann(place)
    cookie = {"Cookie": f"fastflow_refresh={refresh_token}"}
    return Call("POST", "/api/auth/logout", AuditAction.SIGNED_OUT, headers=cookie, is_by_user=True)


async def _answer_console(place: Place) -> Call:
    ticket, _ = await _asked(place)
    return Call(
        "POST",
        "/api/auth/console/answer",
        AuditAction.CONSOLE_ALLOWED,
        content=urlencode({"ticket": ticket, "answer": "yes"}).encode(),
        headers={"Cookie": f"fastflow_sign_in={ticket}"},
        is_by_user=True,
    )


async def _enter_console(place: Place) -> Call:
    ticket, console = await _asked(place)
    answered = await place.server.parts.services.accounts.console_sign_in.answer(ticket, is_allowed=True)
    code = parse_qs(urlsplit(answered.address).query)["code"][0]
    body = {"code": code, "verifier": console.verifier}
    return Call("POST", "/api/auth/console/session", AuditAction.SIGNED_IN, body, is_by_user=True)


async def _asked(place: Place) -> tuple[str, AskingConsole]:
    """Let a console ask ann, who signs in elsewhere; return the ticket of the question."""
    await _ann(place)
    accounts, console = place.server.parts.services.accounts, AskingConsole()
    identity = await _waiting(place)
    await accounts.identities.link(identity, "ann")
    ann = await accounts.users.get("ann")
    question = await accounts.console_sign_in.ask(ann.id, "github", console_request(**console.query()))
    return question.ticket, console


async def _revoke_token(place: Place) -> Call:
    call = await _by_ann("DELETE", "", AuditAction.TOKEN_REVOKED)(place)
    made = await place.server.parts.services.accounts.api_tokens.create("ann", TokenWish("ci"))
    call.path = f"/api/tokens/{made.entry.row.id}"
    return call


def _of_identity(
    method: str, rest: str, action: AuditAction, body: Any = None, also: tuple[AuditAction, ...] = ()
) -> Callable[[Place], Awaitable[Call]]:
    """Call a route for somebody whom a provider vouched for, and who waits to be admitted."""

    async def called(place: Place) -> Call:
        call = await _by_ann(method, "", action, body, also)(place)
        call.path = f"/api/identities/{await _waiting(place)}{rest}"
        return call

    return called


def _by_ann(
    method: str, path: str, action: AuditAction, body: Any = None, also: tuple[AuditAction, ...] = ()
) -> Callable[[Place], Awaitable[Call]]:
    """Call a route as ann, who admitted vic; he is signed in."""

    async def called(place: Place) -> Call:
        access_token, _ = await _ann(place)
        accounts = place.server.parts.services.accounts
        vic = await accounts.users.create("vic", Role.VIEWER, None)
        await accounts.sessions.begin(vic.id)
        headers = {"Authorization": f"Bearer {access_token}"}
        return Call(method, path, action, body, headers=headers, also=also, is_by_user=True)

    return called


async def _ann(place: Place) -> tuple[str, str]:
    """Close the server by its first account, ann's; return the tokens of a session of hers."""
    accounts = place.server.parts.services.accounts
    user = await accounts.users.create("ann", Role.ADMIN, PASSWORD)
    signed_in = await accounts.sessions.begin(user.id)
    return signed_in.access_token, signed_in.refresh_token or ""


async def _waiting(place: Place) -> str:
    now = place.world.clock.now()
    row = IdentityRow(
        id=new_id(),
        provider="github",
        issuer="https://git.example",
        subject="1",
        login="kim",
        created_at=now,
        seen_at=now,
    )
    await place.server.database.write(lambda session: identities.add(session, row))
    return row.id


ACCOUNT_WRITES: Final[dict[str, Callable[[Place], Awaitable[Call]]]] = {
    "set_up": _set_up,
    "answer_console": _answer_console,
    "enter_console": _enter_console,
    "sign_in": _sign_in,
    "sign_out": _sign_out,
    "sign_out_everywhere": _by_ann("POST", "/api/auth/logout-everywhere", AuditAction.SIGNED_OUT),
    "change_password": _by_ann(
        "POST",
        "/api/auth/password",
        AuditAction.PASSWORD_CHANGED,
        {"current": PASSWORD, "new": VALUE},
        (AuditAction.SIGNED_OUT,),
    ),
    "create_user": _by_ann(
        "POST", "/api/users", AuditAction.USER_CREATED, {"name": "kim", "password": VALUE}
    ),
    "change_user": _by_ann("PATCH", "/api/users/vic", AuditAction.USER_CHANGED, {"role": "editor"}),
    "remove_user": _by_ann("DELETE", "/api/users/vic", AuditAction.USER_REMOVED),
    "sign_user_out": _by_ann("POST", "/api/users/vic/logout", AuditAction.SIGNED_OUT),
    "rotate_keys": _by_ann("POST", "/api/secrets/rotate", AuditAction.SECRETS_ROTATED),
    "create_token": _by_ann("POST", "/api/tokens", AuditAction.TOKEN_CREATED, {"name": "ci"}),
    "revoke_token": _revoke_token,
    "admit_identity": _of_identity(
        "POST", "/admit", AuditAction.USER_CREATED, {"role": "viewer"}, (AuditAction.IDENTITY_LINKED,)
    ),
    "refuse_identity": _of_identity("POST", "/refuse", AuditAction.IDENTITY_REFUSED),
    "forget_identity": _of_identity("DELETE", "", AuditAction.IDENTITY_FORGOTTEN),
}
