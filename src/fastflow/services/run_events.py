"""Tells the world and the audit log about a run, in the transaction that changed it."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue
from sqlmodel import Session

from fastflow.domain.audit import AuditAction
from fastflow.domain.events import EventType
from fastflow.domain.run import AUTOMATIC, RunStatus, Trigger
from fastflow.services.run_requests import RunRequest
from fastflow.store import audit, events
from fastflow.store.tables import RunRow


def announce(session: Session, type: EventType, run: RunRow, at: datetime) -> None:
    """Write the event with all that a list of runs shows, so that it needs no further request."""
    events.append(
        session,
        type,
        at,
        pipeline_name=run.pipeline_name,
        run_id=run.id,
        payload={
            "status": run.status,
            "trigger": run.trigger,
            "attempt": run.attempt_count,
            "outcome": run.outcome,
            "exit_code": run.exit_code,
            "reason": run.reason,
            "cancel_reason": run.cancel_reason,
            "waited_seconds": _seconds(run.created_at, run.started_at),
            "seconds": _seconds(run.started_at, run.finished_at),
        },
    )


def _seconds(since: datetime | None, until: datetime | None) -> float | None:
    return None if since is None or until is None else max((until - since).total_seconds(), 0.0)


def announce_queued(
    session: Session, trigger: Trigger, runs: Sequence[tuple[str, str]], at: datetime
) -> None:
    """Write for many new runs (id and pipeline) what `announce` writes for one."""
    payload: dict[str, JsonValue] = {
        "status": RunStatus.PENDING,
        "trigger": trigger,
        "attempt": 0,
        "outcome": None,
        "exit_code": None,
        "reason": None,
        "cancel_reason": None,
        "waited_seconds": None,
        "seconds": None,
    }
    reports = [(run_id, pipeline_name, payload) for run_id, pipeline_name in runs]
    events.append_for_runs(session, EventType.RUN_CREATED, at, reports)


def record_trigger(session: Session, request: RunRequest, run: RunRow, at: datetime) -> None:
    """Note in the audit log who asked for a run, accepted or not; what comes by itself is in the ledger."""
    if request.trigger in AUTOMATIC:
        return
    cause = run.cause or {}
    audit.record(
        session,
        AuditAction.RUN_TRIGGERED if run.retry_of is None else AuditAction.RUN_RETRIED,
        run.id,
        at,
        pipeline_name=run.pipeline_name,
        after={
            "trigger": request.trigger,
            "status": run.status,
            "reason": run.reason,
            "revision": run.revision,
            "retry_of": run.retry_of,
            "run_config_id": request.run_config_id,
            "delivery_id": cause.get("delivery_id"),
            "variables": dict(request.variables) or None,
            "parameters": request.parameters or None,
        },
    )
