"""Push webhooks: Git hosts ask for syncs."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from fastflow.api.bodies import body_of
from fastflow.api.caller import address_of
from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.routes.webhooks import Cursor, Limit
from fastflow.api.schemas.webhooks import DeliveryPage, PushAnswer
from fastflow.domain.delivery import DeliveryKind
from fastflow.services.push_webhooks import IncomingPush

router = APIRouter(prefix="/api", tags=["webhooks"], route_class=GuardedRoute)

Repository = Annotated[str, Path(description="The repository's name here.")]


@router.post(
    "/push/{repository}",
    status_code=202,
    responses=problems(404, 413, 429),
    openapi_extra={"requestBody": {"content": {"*/*": {"schema": {}}}}},
)
async def deliver_push(repository: Repository, request: Request, services: UseServices) -> PushAnswer:
    """Ask for a sync because somebody pushed: for GitHub, GitLab, Gitea, Forgejo, or whoever can sign.

    Whatever is wrong with repository or signature, the answer is the same 404.
    """
    remote = address_of(request)
    incoming = IncomingPush(repository, remote, dict(request.headers), body_of(request))
    return PushAnswer.of(await services.push_webhooks.deliver(incoming))


@router.get("/repositories/{name}/deliveries", responses=problems(404))
async def list_repository_deliveries(
    name: Repository, services: UseServices, limit: Limit = 50, cursor: Cursor = None
) -> DeliveryPage:
    """List what was delivered to the repository's push webhook, newest first, with what became of it."""
    await services.push_webhooks.target(name)
    rows, next_cursor = await services.deliveries.page(DeliveryKind.PUSH, name, limit, cursor)
    return DeliveryPage.of(list(rows), next_cursor)
