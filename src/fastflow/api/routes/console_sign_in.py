"""Signing a console in by a browser, for people who sign in elsewhere (RFC 8252)."""

from typing import Annotated, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Header, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from fastflow.api.console_page import ANSWER_PATH, answered_page, failure_page
from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.notice_page import notice, notices
from fastflow.api.origin import refuse_foreign_page
from fastflow.api.schemas.accounts import SessionView
from fastflow.api.schemas.identities import ConsoleCode
from fastflow.api.session_cookie import hand_over
from fastflow.api.sign_in_cookie import bind, bound, release
from fastflow.domain.console import console_request
from fastflow.domain.errors import FastFlowError, Forbidden, Invalid

router = APIRouter(tags=["accounts"], route_class=GuardedRoute)

Provider = Annotated[str, Path(description="The provider's name: one of GET /api/auth/providers.")]
Browser = Annotated[str | None, Header(alias="User-Agent", include_in_schema=False)]
_LONGEST: Final = 200


@router.get(
    "/api/auth/{provider}/console",
    status_code=303,
    response_class=RedirectResponse,
    responses=notices(404, 422, 429, 503),
)
async def start_console_sign_in(
    provider: Provider,
    services: UseServices,
    address: Annotated[
        str, Query(max_length=_LONGEST, description="Where the console listens: http://127.0.0.1:PORT/.")
    ],
    state: Annotated[
        str, Query(max_length=_LONGEST, description="What it made up: 43 of A-Z, a-z, 0-9, _ and -.")
    ],
    challenge: Annotated[
        str, Query(max_length=_LONGEST, description="Hash of the secret it redeems the code with (S256).")
    ],
    machine: Annotated[str, Query(max_length=_LONGEST, description="What its machine is called.")],
) -> Response:
    """Send the browser to the provider to sign a console in, which listens on the browser's machine.

    It comes back to a page that asks; after a yes, `address` gets `code` and `state`, else `error`.
    """
    try:
        console = console_request(address, state, challenge, machine)
    except Invalid as error:
        return notice(error)
    try:
        begun = await services.accounts.provider_sign_in.begin(provider, console=console)
    except FastFlowError as error:
        return failure_page(error, console)
    response = RedirectResponse(begun.address, 303)
    bind(response, services, begun.sealed)
    return response


@router.post(ANSWER_PATH, include_in_schema=False)  # for the form of its own page only
async def answer_console(request: Request, services: UseServices) -> Response:
    """Answer the page that asks whether a console may act as whoever sits at the browser; a form."""
    form = parse_qs((await request.body()).decode(errors="replace"))
    ticket, kept = form.get("ticket", [""])[0], bound(request, services)
    try:
        refuse_foreign_page(request)
        if ticket != kept:
            raise Forbidden(
                "sign_in_expired",
                "This is not the last question that this browser was asked. Type it again: fastflow login",
            )
        answered = await services.accounts.console_sign_in.answer(
            ticket, is_allowed=form.get("answer") == ["yes"]
        )
    except FastFlowError as error:
        return notice(error)
    response = answered_page(answered)
    release(response, services)
    return response


@router.post("/api/auth/console/session", responses=problems(401, 403, 422))
async def enter_console(
    request: Request, body: ConsoleCode, services: UseServices, answer: Response, browser: Browser = None
) -> SessionView:
    """Sign the console in that brings the browser's code, within a minute and once."""
    refuse_foreign_page(request)
    signed_in = await services.accounts.console_sign_in.enter(
        body.code.get_secret_value(), body.verifier.get_secret_value(), browser=browser
    )
    return hand_over(signed_in, request, answer)
