"""Signing in elsewhere: a browser goes to a provider and comes back."""

from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Header, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from fastflow.api.deps import Services, UseServices
from fastflow.api.errors import problems, status_of
from fastflow.api.guard import GuardedRoute
from fastflow.api.notice_page import notice_page, notices
from fastflow.api.routes.auth import person
from fastflow.api.schemas.identities import BegunView, ProviderList, ProviderView
from fastflow.api.session_cookie import hand_over
from fastflow.domain.errors import FastFlowError
from fastflow.domain.identity import ComeBack
from fastflow.services.sign_in_attempts import LIFE

router = APIRouter(prefix="/api/auth", tags=["accounts"], route_class=GuardedRoute)

Provider = Annotated[str, Path(description="The provider's name: one of GET /api/auth/providers.")]
Browser = Annotated[str | None, Header(alias="User-Agent", include_in_schema=False)]
Said = Annotated[str | None, Query(max_length=4096)]

_COOKIE: Final = "fastflow_sign_in"
_PATH: Final = "/"
"""The whole site's, as the prefix `__Host-` asks: no other host of the domain can set it then."""
_TITLES: Final = {"sign_in_cancelled": "You are not signed in", "admission_pending": "Please wait"}

log = structlog.get_logger()


@router.get("/providers")
async def list_providers(services: UseServices) -> ProviderList:
    """List where else people can sign in."""
    return ProviderList(
        providers=[ProviderView.of(each) for each in services.accounts.provider_sign_in.providers]
    )


@router.get(
    "/{provider}/start",
    status_code=303,
    response_class=RedirectResponse,
    responses=notices(404, 429, 503),
)
async def start_provider_sign_in(
    provider: Provider,
    services: UseServices,
    path: Annotated[
        str | None, Query(alias="next", description="A path of this server to end at; else the start page.")
    ] = None,
) -> Response:
    """Send the browser to the provider to sign in."""
    try:
        begun = await services.accounts.provider_sign_in.begin(provider, path)
    except FastFlowError as error:
        return _notice(error)
    response = RedirectResponse(begun.address, 303)
    _set_cookie(response, services, begun.sealed)
    return response


@router.get(
    "/{provider}/callback",
    status_code=303,
    response_class=RedirectResponse,
    responses=notices(403, 404, 409, 503),
)
async def end_provider_sign_in(
    provider: Provider,
    request: Request,
    services: UseServices,
    code: Said = None,
    state: Said = None,
    error: Said = None,
    iss: Said = None,
    browser: Browser = None,
) -> Response:
    """Sign in whom the provider sends back, and go to where they wanted to be."""
    sealed = request.cookies.get(_cookie_name(services))
    try:
        come_back = ComeBack(code, state, error, iss)
        ended = await services.accounts.provider_sign_in.end(provider, come_back, sealed, browser=browser)
    except FastFlowError as failure:
        response = _notice(failure)
    else:
        response = RedirectResponse(ended.attempt.path, 303)
        if ended.signed_in is not None:
            hand_over(ended.signed_in, request, response)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"  # the address holds a code
    response.delete_cookie(
        _cookie_name(services), _PATH, secure=services.accounts.provider_sign_in.is_secure, httponly=True
    )
    return response


@router.post("/{provider}/link", responses=problems(401, 403, 404, 409, 429, 503))
async def link_identity(
    provider: Provider,
    services: UseServices,
    response: Response,
    path: Annotated[str | None, Query(alias="next", description="A path of this server to end at.")] = None,
) -> BegunView:
    """Begin to link what one is at a provider to oneself here, so as to sign in by it from then on."""
    begun = await services.accounts.provider_sign_in.begin(provider, path, link_to=person().id)
    _set_cookie(response, services, begun.sealed)
    return BegunView(address=begun.address)


def _notice(error: FastFlowError) -> Response:
    text = error.message
    if error.code == "provider_unusable":  # says where the provider is and what it answered
        log.warning("nobody can sign in by a provider", reason=text)
        text = "The provider can't be used to sign in at the moment. The server's log says why."
    title = _TITLES.get(error.code, "You can't sign in like this")
    return notice_page(status_of(error), title, text, error.code)


def _cookie_name(services: Services) -> str:
    return f"__Host-{_COOKIE}" if services.accounts.provider_sign_in.is_secure else _COOKIE


def _set_cookie(response: Response, services: Services, sealed: str) -> None:
    """Bind the sign-in to this browser. `Lax`: it has to come along when the provider sends people back."""
    response.set_cookie(
        _cookie_name(services),
        sealed,
        max_age=int(LIFE.total_seconds()),
        path=_PATH,
        secure=services.accounts.provider_sign_in.is_secure,
        httponly=True,
        samesite="lax",
    )
    response.headers["Cache-Control"] = "no-store"
