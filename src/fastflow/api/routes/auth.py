"""Signing in and out, and the first administrator."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from fastflow.api.access import allowed
from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.origin import refuse_foreign_page
from fastflow.api.schemas.accounts import (
    ChangePassword,
    MeView,
    SessionView,
    SetUpRequest,
    SetUpView,
    SignedOutView,
    SigningKeyView,
    SignInRequest,
    UserView,
)
from fastflow.api.session_cookie import hand_over, refresh_token_of, take_back
from fastflow.domain.actor import Actor, ActorKind, acting
from fastflow.domain.errors import Conflict, Unauthenticated

router = APIRouter(prefix="/api", tags=["accounts"], route_class=GuardedRoute)

Browser = Annotated[str | None, Header(alias="User-Agent", include_in_schema=False)]


def person() -> Actor:
    """Return the signed-in person who acts.

    Raises:
        Conflict: `no_account`; nobody has one yet.
    """
    actor = acting.get()
    if actor.kind is not ActorKind.USER:
        raise Conflict(
            "no_account",
            "There are no accounts here yet, and so nothing of yours. `fastflow setup` makes the first.",
        )
    return actor


@router.get("/setup")
async def get_set_up(services: UseServices) -> SetUpView:
    """Say whether somebody has to make the first account."""
    return SetUpView(
        is_needed=await services.accounts.set_up.is_needed(),
        is_open=await services.accounts.credentials.is_open(),
    )


@router.post("/setup", status_code=201, responses=problems(403, 409, 422, 429))
async def set_up(request: Request, body: SetUpRequest, services: UseServices) -> UserView:
    """Make the first administrator, with the token of the server's log."""
    refuse_foreign_page(request)
    token = body.token.get_secret_value() if body.token is not None else None
    user = await services.accounts.set_up.complete(token, body.name, body.password.get_secret_value())
    return UserView.of(user)


@router.post("/auth/login", responses=problems(401, 403, 422, 429))
async def sign_in(
    request: Request, body: SignInRequest, services: UseServices, answer: Response, browser: Browser = None
) -> SessionView:
    """Sign in by name and password. Who fails again and again has to wait ever longer."""
    refuse_foreign_page(request)
    password = body.password.get_secret_value()
    signed_in = await services.accounts.sign_in.by_password(body.name, password, browser=browser)
    return hand_over(signed_in, request, answer)


@router.post("/auth/refresh", responses=problems(401, 403, 429))
async def refresh_session(request: Request, services: UseServices, answer: Response) -> SessionView:
    """Get another access token by the cookie, whose token works once; a second use ends the session."""
    refuse_foreign_page(request)
    token = refresh_token_of(request)
    if token is None:
        raise Unauthenticated("session_ended", "You are not signed in.")
    return hand_over(await services.accounts.sessions.refresh(token), request, answer)


@router.post("/auth/logout", responses=problems(403))
async def sign_out(request: Request, services: UseServices, answer: Response) -> SignedOutView:
    """Sign out of this browser."""
    refuse_foreign_page(request)
    token = refresh_token_of(request)
    has_ended = token is not None and await services.accounts.sessions.end(token)
    take_back(request, answer)
    return SignedOutView(count=int(has_ended))


@router.post("/auth/logout-everywhere", responses=problems(409))
async def sign_out_everywhere(request: Request, services: UseServices, answer: Response) -> SignedOutView:
    """Sign out of all browsers and consoles. API tokens go on; revoke them one by one."""
    ended = await services.accounts.sessions.end_all(person().id or "")
    take_back(request, answer)
    return SignedOutView(count=ended)


@router.get("/auth/me")
async def get_me() -> MeView:
    """Say who calls, and what they may do."""
    caller = acting.get()
    return MeView.of(caller, allowed(caller))


@router.post("/auth/password", responses=problems(403, 409, 422, 429))
async def change_password(
    request: Request, body: ChangePassword, services: UseServices, answer: Response
) -> UserView:
    """Change one's own password. It signs one out everywhere."""
    current, new = body.current.get_secret_value(), body.new.get_secret_value()
    user = await services.accounts.own_password.change(person().name, current, new)
    take_back(request, answer)
    return UserView.of(user)


@router.post("/auth/signing-keys", status_code=201, responses=problems(409, 503))
async def rotate_signing_key(services: UseServices) -> SigningKeyView:
    """Sign access tokens with a new key from now on. Those there are stay valid until they expire."""
    return SigningKeyView(key_id=await services.accounts.sessions.rotate_signing_key())
