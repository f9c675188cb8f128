"""Webhook keys and deliveries on the wire."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from fastflow.domain.delivery import DeliveryKind, DeliveryStatus
from fastflow.services.webhook_key_entries import KeyOrigin, WebhookKey
from fastflow.services.webhook_keys import NewWebhookKey
from fastflow.store.tables import DeliveryRow

_LONGEST_SECONDS = 10 * 366 * 24 * 3600

ExpiresIn = Annotated[int, Field(ge=0, le=_LONGEST_SECONDS)]


class WebhookKeyView(BaseModel):
    """A key that opens a pipeline's webhook; never the key itself."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(description="Of a key in the manifest: `manifest`, or `manifest:` and the schedule's id.")
    origin: KeyOrigin
    run_config_id: str | None = Field(description="The manifest's schedule whose settings its runs get.")
    hint: str = Field(description="Its last characters, to tell keys apart; empty for a short one.")
    is_signed: bool = Field(description="Whether every delivery has to be signed.")
    created_at: datetime | None
    expires_at: datetime | None
    is_expired: bool
    last_used_at: datetime | None


class WebhookKeyList(BaseModel):
    """The keys of a pipeline, those of its manifest first."""

    keys: list[WebhookKeyView]

    @classmethod
    def of(cls, keys: list[WebhookKey]) -> Self:
        """Put the list together."""
        return cls(keys=[WebhookKeyView.model_validate(key) for key in keys])


class NewWebhookKeyView(WebhookKeyView):
    """A key that was just made. Key and secret are shown this once."""

    key: str
    path: str = Field(description="Of the webhook's URL, with the key in it: keep it secret.")
    signing_secret: str | None = Field(
        description="What deliveries are to be signed with; null where they needn't be."
    )

    @classmethod
    def made(cls, pipeline_name: str, new: NewWebhookKey) -> Self:
        """Put the answer together."""
        view = WebhookKeyView.model_validate(new.entry).model_dump()
        path = f"/api/webhooks/{pipeline_name}/{new.key}"
        return cls(**view, key=new.key, path=path, signing_secret=new.signing_secret)


class CreateWebhookKey(BaseModel):
    """What a key is to be."""

    model_config = ConfigDict(extra="forbid")

    run_config_id: str | None = Field(
        default=None, max_length=64, description="The `id` of a schedule in the manifest."
    )
    expires_in_seconds: ExpiresIn | None = Field(default=None, description="null: never.")
    is_signed: bool = Field(
        default=False, description="Make a secret too, with which every delivery has to be signed."
    )


class ChangeWebhookKey(BaseModel):
    """What to change of a key."""

    model_config = ConfigDict(extra="forbid")

    expires_in_seconds: ExpiresIn | None = Field(description="From now on; 0: at once; null: never.")


class DeliveryView(BaseModel):
    """A request of another system to start a run or a sync, and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: DeliveryKind
    target: str = Field(description="The pipeline's or the repository's name.")
    at: datetime
    remote: str | None = Field(description="The address that it came from.")
    sender: str | None = Field(description="The kind of Git host; for a webhook the hint of its key.")
    event: str | None
    external_id: str | None = Field(description="The sender's own id of it.")
    status: DeliveryStatus
    code: str | None
    message: str | None
    body_bytes: int
    run_id: str | None
    sync_id: str | None


class DeliveryPage(BaseModel):
    """A page of deliveries, newest first."""

    deliveries: list[DeliveryView]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null at the end.")

    @classmethod
    def of(cls, rows: list[DeliveryRow], cursor: str | None) -> Self:
        """Put a page together."""
        return cls(deliveries=[DeliveryView.model_validate(row) for row in rows], next_cursor=cursor)


class PushAnswer(BaseModel):
    """What became of a push."""

    delivery_id: str
    status: DeliveryStatus
    message: str | None
    sync_id: str | None = Field(description="The sync that it asked for; null where none was.")

    @classmethod
    def of(cls, row: DeliveryRow) -> Self:
        """Put the answer together."""
        return cls(delivery_id=row.id, status=row.status, message=row.message, sync_id=row.sync_id)
