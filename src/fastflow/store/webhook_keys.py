"""Webhook keys that were made over the API; those of manifests are in the pipelines' rows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from fastflow.store.tables import WebhookKeyRow


def add(session: Session, row: WebhookKeyRow) -> WebhookKeyRow:
    """Keep a new key."""
    session.add(row)
    session.flush()
    return row


def of_pipeline(session: Session, pipeline_name: str) -> Sequence[WebhookKeyRow]:
    """Return the keys of a pipeline, the expired too, oldest first."""
    query = select(WebhookKeyRow).where(WebhookKeyRow.pipeline_name == pipeline_name)
    return session.exec(query.order_by(col(WebhookKeyRow.id))).all()


def get(session: Session, pipeline_name: str, key_id: str) -> WebhookKeyRow | None:
    """Return a pipeline's key of that id."""
    row = session.get(WebhookKeyRow, key_id)
    return row if row is not None and row.pipeline_name == pipeline_name else None


def remove(session: Session, row: WebhookKeyRow) -> None:
    """Forget a key: it opens nothing from now on."""
    session.delete(row)


def note_use(session: Session, key_id: str, at: datetime) -> None:
    """Remember when a key was used last; one that was revoked meanwhile stays revoked."""
    session.exec(update(WebhookKeyRow).where(col(WebhookKeyRow.id) == key_id).values(last_used_at=at))


def remove_expired(session: Session, before: datetime) -> int:
    """Delete the keys that expired before that moment; return how many."""
    return session.exec(delete(WebhookKeyRow).where(col(WebhookKeyRow.expires_at) < before)).rowcount
