"""Payloads: bodies that came with triggers, kept with their runs."""

from sqlmodel import Session

from fastflow.store.tables import PayloadRow


def add(session: Session, run_id: str, content_type: str, body: bytes) -> None:
    """Keep a body for a run."""
    session.add(PayloadRow(run_id=run_id, content_type=content_type[:255], body=body))


def get(session: Session, run_id: str) -> PayloadRow | None:
    """Return the body that came with a run."""
    return session.get(PayloadRow, run_id)


def copy(session: Session, from_run_id: str, to_run_id: str) -> None:
    """Keep the body of one run for another too, where it has one."""
    payload = session.get(PayloadRow, from_run_id)
    if payload is not None:
        add(session, to_run_id, payload.content_type, payload.body)
