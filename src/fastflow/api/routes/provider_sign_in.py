"""Signing in elsewhere: a browser goes to a provider and comes back."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from fastflow.api.console_page import failure_page, question_page
from fastflow.api.deps import Services, UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.notice_page import notice, notices
from fastflow.api.routes.auth import person
from fastflow.api.schemas.identities import BegunView, ProviderList, ProviderView
from fastflow.api.session_cookie import hand_over
from fastflow.api.sign_in_cookie import bind, bound, release
from fastflow.domain.errors import FastFlowError
from fastflow.domain.identity import ComeBack
from fastflow.services.provider_sign_in import Ended

router = APIRouter(prefix="/api/auth", tags=["accounts"], route_class=GuardedRoute)

Provider = Annotated[str, Path(description="The provider's name: one of GET /api/auth/providers.")]
Browser = Annotated[str | None, Header(alias="User-Agent", include_in_schema=False)]
Said = Annotated[str | None, Query(max_length=4096)]


@router.get("/providers")
async def list_providers(services: UseServices) -> ProviderList:
    """List where else people can sign in."""
    sign_in = services.accounts.provider_sign_in
    return ProviderList(
        providers=[ProviderView.of(each, sign_in.address(each, "console")) for each in sign_in.providers]
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
        return notice(error)
    response = RedirectResponse(begun.address, 303)
    bind(response, services, begun.sealed)
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
    """Sign in whom the provider sends back, and go to where they wanted to be.

    A console is not signed in yet: a page asks whether it may be.
    """
    try:
        come_back = ComeBack(code, state, error, iss)
        ended = await services.accounts.provider_sign_in.end(
            provider, come_back, bound(request, services), browser=browser
        )
    except FastFlowError as failure:
        response = notice(failure)
        release(response, services)
    else:
        response = _response(ended, request, services)
    response.headers["Cache-Control"] = "no-store"
    response.headers.setdefault("Referrer-Policy", "no-referrer")  # the address holds a code
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
    bind(response, services, begun.sealed)
    return BegunView(address=begun.address)


def _response(ended: Ended, request: Request, services: Services) -> Response:
    console = ended.attempt.console
    if ended.question is not None:
        response = question_page(ended.question)
        bind(response, services, ended.question.ticket)
        return response
    if console is not None and ended.failure is not None:
        response = failure_page(ended.failure, console)
    else:
        response = RedirectResponse(ended.attempt.path, 303)
        if ended.signed_in is not None:
            hand_over(ended.signed_in, request, response)
    release(response, services)
    return response
