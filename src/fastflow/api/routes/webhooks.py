"""Webhooks: other systems start runs; their keys and what they delivered."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import JsonValue

from fastflow.api.bodies import body_of
from fastflow.api.caller import address_of
from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.schemas.runs import RunView
from fastflow.api.schemas.webhooks import (
    ChangeWebhookKey,
    CreateWebhookKey,
    DeliveryPage,
    NewWebhookKeyView,
    WebhookKeyList,
    WebhookKeyView,
)
from fastflow.domain.delivery import DeliveryKind
from fastflow.services.webhooks import Incoming

router = APIRouter(prefix="/api", tags=["webhooks"], route_class=GuardedRoute)

Name = Annotated[str, Path(description="The pipeline's name: that of its folder.")]
KeyId = Annotated[str, Path(description="The key's id, not the key.")]
Limit = Annotated[int, Query(ge=1, le=500)]
Cursor = Annotated[
    str | None, Query(pattern="^[0-9a-f-]{36}$", description="`next_cursor` of the last page.")
]

_ANY_BODY: Final[dict[str, JsonValue]] = {
    "description": "JSON with nothing but `env_vars` and `parameters` is those; every other body is the "
    "run's payload, in the file that FASTFLOW_PAYLOAD_FILE names.",
    "content": {"application/json": {"schema": {}}, "*/*": {"schema": {}}},
}


@router.post(
    "/webhooks/{pipeline}/{key}",
    status_code=202,
    responses=problems(403, 404, 409, 413, 422, 429),
    openapi_extra={"requestBody": _ANY_BODY},
)
async def deliver_webhook(
    pipeline: Annotated[str, Path(description="The pipeline's name.")],
    key: Annotated[str, Path(description="A key of its manifest, or one that was made over the API.")],
    request: Request,
    services: UseServices,
) -> RunView:
    """Start a run for another system. `Idempotency-Key`, or the sender's delivery id, makes it one run.

    Whatever is wrong with pipeline or key, the answer is the same 404.
    """
    remote = address_of(request)
    incoming = Incoming(pipeline, key, remote, dict(request.headers), body_of(request))
    return RunView.model_validate(await services.webhooks.deliver(incoming))


@router.get("/pipelines/{name}/webhook-keys", responses=problems(404))
async def list_webhook_keys(name: Name, services: UseServices) -> WebhookKeyList:
    """List the keys that open the pipeline's webhook, the manifest's too; never the keys themselves."""
    return WebhookKeyList.of(await services.webhook_keys.of_pipeline(name))


@router.post("/pipelines/{name}/webhook-keys", status_code=201, responses=problems(404, 409, 422))
async def create_webhook_key(
    name: Name, services: UseServices, body: CreateWebhookKey | None = None
) -> NewWebhookKeyView:
    """Make a key beside those there are. It is shown this once."""
    asked = body or CreateWebhookKey()
    new = await services.webhook_keys.create(
        name,
        run_config_id=asked.run_config_id,
        expires_in=_duration(asked.expires_in_seconds),
        is_signed=asked.is_signed,
    )
    return NewWebhookKeyView.made(name, new)


@router.patch("/pipelines/{name}/webhook-keys/{key_id}", responses=problems(404, 409, 422))
async def change_webhook_key(
    name: Name, key_id: KeyId, services: UseServices, body: ChangeWebhookKey
) -> WebhookKeyView:
    """Let a key end at another time: make a new one, hand it over, and let the old one expire."""
    expires_in = _duration(body.expires_in_seconds)
    return WebhookKeyView.model_validate(await services.webhook_keys.set_expiry(name, key_id, expires_in))


@router.delete("/pipelines/{name}/webhook-keys/{key_id}", responses=problems(404, 409))
async def revoke_webhook_key(name: Name, key_id: KeyId, services: UseServices) -> WebhookKeyView:
    """End a key at once; return what it was."""
    return WebhookKeyView.model_validate(await services.webhook_keys.revoke(name, key_id))


@router.get("/pipelines/{name}/deliveries", responses=problems(404))
async def list_pipeline_deliveries(
    name: Name, services: UseServices, limit: Limit = 50, cursor: Cursor = None
) -> DeliveryPage:
    """List what was delivered to the pipeline's webhook, newest first, with what became of it."""
    await services.webhook_keys.of_pipeline(name)  # says so where there is no such pipeline
    rows, next_cursor = await services.deliveries.page(DeliveryKind.WEBHOOK, name, limit, cursor)
    return DeliveryPage.of(list(rows), next_cursor)


def _duration(seconds: int | None) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds is not None else None
