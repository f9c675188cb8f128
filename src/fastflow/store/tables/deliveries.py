"""The tables of webhook keys, of deliveries, and of payloads that came with them."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel

from fastflow.domain.delivery import DeliveryKind, DeliveryStatus
from fastflow.store.tables.columns import Ciphertext, Id, Name, UtcDateTime, Word, table_name


class WebhookKeyRow(SQLModel, table=True):
    """A key that opens a pipeline's webhook, made by the API; several are valid at once."""

    __tablename__ = table_name("webhook_keys")
    __table_args__ = (Index("webhook_keys_by_pipeline", "pipeline_name"),)

    id: str = Field(primary_key=True, sa_type=Id)
    pipeline_name: str = Field(sa_type=Name)
    run_config_id: str | None = Field(default=None, sa_type=Name)
    """The schedule of the manifest whose settings the runs get."""
    key_hash: str = Field(max_length=64)
    """SHA-256: the keys are long and random."""
    hint: str = Field(max_length=8)
    """The key's last characters, to tell keys apart."""
    signing_secret: str | None = Field(default=None, sa_type=Ciphertext)
    """Fernet ciphertext; where there is one, every delivery must be signed with it."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DeliveryRow(SQLModel, table=True):
    """A request of another system to start a run or a sync."""

    __tablename__ = table_name("deliveries")
    __table_args__ = (
        Index("deliveries_by_target", "kind", "target", "id"),
        Index("deliveries_by_fingerprint", "kind", "target", "fingerprint", unique=True),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    kind: DeliveryKind = Field(sa_type=Word(DeliveryKind))
    target: str = Field(sa_type=Name)
    """The pipeline's or the repository's name."""
    at: datetime = Field(sa_type=UtcDateTime)
    remote: str | None = Field(default=None, max_length=64)
    sender: str | None = Field(default=None, max_length=64)
    """Such as `github`, `gitlab`, `gitea`; for a webhook the key's hint."""
    event: str | None = Field(default=None, max_length=64)
    external_id: str | None = Field(default=None, max_length=255)
    """The sender's own id of it, to find it in the sender's log."""
    fingerprint: str | None = Field(default=None, max_length=64)
    """What a repeated one has in common with this one. Only authentic deliveries that were dealt with keep
    it, so that nobody can use up another's and a refused one can come again."""
    status: DeliveryStatus = Field(sa_type=Word(DeliveryStatus))
    code: str | None = Field(default=None, max_length=64)
    message: str | None = None
    body_bytes: int = 0
    run_id: str | None = Field(default=None, sa_type=Id)
    sync_id: str | None = Field(default=None, sa_type=Id)


class PayloadRow(SQLModel, table=True):
    """The body that a webhook delivery brought for its run."""

    __tablename__ = table_name("payloads")

    run_id: str = Field(primary_key=True, sa_type=Id)
    content_type: str = Field(max_length=255)
    body: bytes = Field(sa_type=LargeBinary)
