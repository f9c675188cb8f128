"""Decides, within one transaction, what becomes of a trigger: queued, skipped, or a row that says why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from fastflow.domain.cause import UpstreamCause
from fastflow.domain.errors import Conflict, FastFlowError
from fastflow.domain.events import EventType
from fastflow.domain.manifest import Overlap
from fastflow.domain.outcome import Blame, Outcome
from fastflow.domain.run import RunStatus, Trigger
from fastflow.domain.spec import RunSpec
from fastflow.services.cancellation import cancel
from fastflow.services.run_events import announce, announce_queued, record_trigger
from fastflow.services.run_requests import Payload, RunRequest
from fastflow.store import attempts, payloads, runs
from fastflow.store.ids import new_id
from fastflow.store.tables import RunRow


@dataclass(frozen=True, slots=True)
class Admission:
    """A request that passed every check, and all that its run needs."""

    request: RunRequest
    revision: str
    spec: RunSpec
    max_instances: int | None
    overlap: Overlap
    retry_of: str | None = None
    repository: str | None = None
    commit: str | None = None


def admit(session: Session, admission: Admission, now: datetime) -> RunRow:
    """Queue the run, unless its overlap policy skips it or its idempotency key made one before."""
    earlier = same_request(session, admission.request)
    if earlier is not None:
        return earlier
    run = RunRow(**_columns(admission, now))
    _make_room(session, admission, run, now)
    runs.insert(session, run)
    _keep_payload(session, admission.request.payload, run)
    if run.status is RunStatus.SKIPPED:
        announce(session, EventType.RUN_FINISHED, run, now)
    else:
        attempts.enqueue(session, run, 1, now)
        announce(session, EventType.RUN_CREATED, run, now)
    record_trigger(session, admission.request, run, now)
    return run


def admit_all(session: Session, admissions: Sequence[Admission], now: datetime) -> list[str]:
    """Admit runs of one trigger in order, those that nothing holds up in a few statements; return their ids.

    A thousand schedules may be due in the same second.
    """
    ids: list[str] = []
    plain: list[dict[str, Any]] = []
    for admission in admissions:
        if _is_plain(admission):
            columns = _columns(admission, now)
            plain.append(columns)
            ids.append(columns["id"])
        else:
            ids.append(admit(session, admission, now).id)
    if plain:
        queued = [(columns["id"], columns["pipeline_name"]) for columns in plain]
        runs.insert_queued(session, plain)
        attempts.enqueue_first(session, queued, now)
        announce_queued(session, plain[0]["trigger"], queued, now)
    return ids


def _is_plain(admission: Admission) -> bool:
    """Whether the run is queued whatever else there is, and brings nothing along."""
    request = admission.request
    may_need_room = admission.max_instances is not None and admission.overlap is not Overlap.QUEUE
    brings_something = request.payload is not None or admission.retry_of is not None
    return not may_need_room and not brings_something and request.idempotency_key is None


def _columns(admission: Admission, now: datetime) -> dict[str, Any]:
    """Return the row of a run that is queued."""
    request = admission.request
    return {
        "id": new_id(),
        "pipeline_name": request.pipeline_name,
        "status": RunStatus.PENDING,
        "trigger": request.trigger,
        **_origin(request),
        "revision": admission.revision,
        "repository": admission.repository,
        "commit": admission.commit,
        "spec": admission.spec.model_dump(mode="json"),
        "max_instances": admission.max_instances,
        "idempotency_key": request.idempotency_key,
        "request_hash": request.hash if request.idempotency_key else None,
        "retry_of": admission.retry_of,
        "created_at": now,
        "warnings": [],  # given, as pydantic needs 0.2 ms to find that `list` can be called
    }


def leave_row(session: Session, request: RunRequest, error: FastFlowError, now: datetime) -> RunRow:
    """Record a trigger that was refused, with its reason.

    A start by an upstream run is asked for again after a crash: refused or not, it leaves one row.
    """
    key = request.idempotency_key if request.trigger is Trigger.UPSTREAM else None
    earlier = runs.with_idempotency_key(session, request.pipeline_name, key) if key is not None else None
    if earlier is not None:
        return earlier
    status, outcome, blame = {
        "manifest_invalid": (RunStatus.FAILED, Outcome.MANIFEST_INVALID, Blame.PIPELINE),
        "pipeline_disabled": (RunStatus.SKIPPED, Outcome.NOT_STARTED, Blame.NOBODY),
    }.get(error.code, (RunStatus.SKIPPED, Outcome.REJECTED, Blame.PIPELINE))
    run = RunRow(
        id=new_id(),
        pipeline_name=request.pipeline_name,
        status=status,
        trigger=request.trigger,
        **_origin(request),
        spec={},
        idempotency_key=key,
        request_hash=request.hash if key is not None else None,
        created_at=now,
        finished_at=now,
        outcome=outcome,
        blame=blame,
        reason=error.message,
    )
    runs.insert(session, run)
    announce(session, EventType.RUN_FINISHED, run, now)
    record_trigger(session, request, run, now)
    return run


def _origin(request: RunRequest) -> dict[str, Any]:
    """Return the columns that say why the run exists."""
    cause = request.cause
    return {
        "cause": cause.model_dump(mode="json") if cause is not None else None,
        "upstream_run_id": cause.run_id if isinstance(cause, UpstreamCause) else None,
    }


def _keep_payload(session: Session, payload: Payload | None, run: RunRow) -> None:
    """Store what came with the trigger, or what came with the run that is repeated."""
    if payload is not None:
        payloads.add(session, run.id, payload.content_type, payload.body)
    elif run.retry_of is not None:
        payloads.copy(session, run.retry_of, run.id)


def same_request(session: Session, request: RunRequest) -> RunRow | None:
    """Return the run that this idempotency key made before, or None.

    Raises:
        Conflict: `idempotency_key_reused`; it made a run for another request.
    """
    if request.idempotency_key is None:
        return None
    run = runs.with_idempotency_key(session, request.pipeline_name, request.idempotency_key)
    if run is not None and run.request_hash != request.hash:
        raise Conflict(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request; take a new key for a new request.",
            {"run_id": run.id},
        )
    return run


def _make_room(session: Session, admission: Admission, run: RunRow, now: datetime) -> None:
    """Apply the overlap policy: skip the new run, cancel the oldest ones, or let it queue."""
    limit = admission.max_instances
    if limit is None or admission.overlap is Overlap.QUEUE:
        return
    active = runs.active(session, run.pipeline_name)
    if len(active) < limit:
        return
    if admission.overlap is Overlap.SKIP:
        run.status = RunStatus.SKIPPED
        run.finished_at = now
        run.outcome = Outcome.NOT_STARTED
        run.blame = Blame.NOBODY
        run.reason = (
            f"Skipped: {len(active)} of at most {limit} runs of {run.pipeline_name} were active "
            "(`overlap` is `skip`)."
        )
        return
    for old in active[: len(active) - limit + 1]:
        cancel(session, old, f"Replaced by run {run.id} (`overlap` is `replace`).", now)
