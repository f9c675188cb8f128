"""Starts, cancels, repeats and lists runs."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlmodel import Session

from fastflow.domain.actor import acting
from fastflow.domain.audit import AuditAction
from fastflow.domain.cause import Cause, RequestCause, TriggeredBy, cause_of
from fastflow.domain.chaining import UPSTREAM_KEYS
from fastflow.domain.errors import Conflict, FastFlowError, Invalid, NotFound
from fastflow.domain.manifest import Manifest, PipelineType
from fastflow.domain.names import is_pipeline_name
from fastflow.domain.ports import Clock
from fastflow.domain.run import TERMINAL, Trigger
from fastflow.domain.spec import RunSpec
from fastflow.services import cancellation
from fastflow.services.admission import Admission, admit, leave_row, same_request
from fastflow.services.pipelines import Pipelines, Runnable, runnable
from fastflow.services.run_requests import RunDefaults, RunRequest, refuse_endless_chain, resolve, run_config
from fastflow.store import attempts, audit, runs
from fastflow.store.database import Database
from fastflow.store.runs import RunFilter
from fastflow.store.tables import AttemptRow, PipelineRow, RunRow

MAX_KEY_LENGTH: Final = 255


@dataclass(frozen=True, slots=True)
class RunWithAttempts:
    """A run and what was tried for it."""

    run: RunRow
    attempts: Sequence[AttemptRow]
    downstream: Sequence[RunRow] = ()
    """The runs that it has started."""


class Runs:
    """What users do with runs."""

    def __init__(self, database: Database, pipelines: Pipelines, clock: Clock, defaults: RunDefaults) -> None:
        self._database = database
        self._pipelines = pipelines
        self._clock = clock
        self._defaults = defaults

    async def trigger(self, request: RunRequest) -> RunRow:
        """Accept a run; it starts as soon as a slot is free.

        A trigger that can't be accepted leaves a row with its reason, whose id is in the error's
        `fields["run_id"]`. With an idempotency key that was used before, the run of then is returned.

        Raises:
            NotFound: `pipeline_not_found`.
            Conflict: `pipeline_disabled`, `manifest_invalid`, `pipeline_type_unsupported`,
                `idempotency_key_reused`, `run_config_not_found`, `schedule_disabled`, `chain_too_long`.
            Invalid: `pipeline_name_invalid` (the only one without a row), `variables_invalid`,
                `parameters_invalid`, `idempotency_key_invalid`.
        """
        if not is_pipeline_name(request.pipeline_name):
            raise Invalid(
                "pipeline_name_invalid",
                f"{request.pipeline_name[:80]!r} can't be the name of a pipeline: letters, digits, _ . - "
                "(64 at most, the first a letter or a digit).",
            )
        by = TriggeredBy.of(acting.get())
        if request.cause is None and by is not None:
            request = replace(request, cause=RequestCause(triggered_by=by))
        return await self._start(request)

    async def cancel(self, run_id: str) -> RunRow:
        """End a run: at once where nothing runs, else by SIGTERM, a grace period and SIGKILL.

        Raises:
            NotFound: `run_not_found`.
            Conflict: `run_ended`; it keeps the status it has.
        """
        by = TriggeredBy.of(acting.get())
        reason = f"Cancelled by {by.in_words if by is not None and by.in_words else 'a user'}."

        def work(session: Session) -> RunRow:
            run, now = _existing(session, run_id), self._clock.now()
            if run.status in TERMINAL:
                raise Conflict(
                    "run_ended",
                    f"Run {run_id} has ended ({run.status}); there is nothing to cancel.",
                    {"run_id": run_id, "status": run.status},
                )
            if run.cancel_requested_at is not None:
                return run
            before = run.status
            run = cancellation.cancel(session, run, reason, now)
            audit.record(
                session,
                AuditAction.RUN_CANCELLED,
                run.id,
                now,
                pipeline_name=run.pipeline_name,
                before={"status": before},
                after={"status": run.status, "reason": reason},
            )
            return run

        return await self._database.write(work)

    async def retry(self, run_id: str, *, trigger: Trigger, with_latest: bool) -> RunRow:
        """Start the same again as a new run: at the same revision, or at the latest one.

        The latest one gets the settings that its manifest has now for the schedule they came from.
        A pipeline whose folder has vanished can be repeated at the same revision.

        Raises:
            NotFound: `run_not_found`.
            Conflict: `run_active` (it has not ended), `nothing_to_retry` (a rejected trigger),
                `pipeline_disabled`; with_latest: as `trigger`.
        """
        before = await self._database.read(lambda session: _existing(session, run_id))
        if before.status not in TERMINAL:
            raise Conflict(
                "run_active",
                f"Run {run_id} has not ended ({before.status}); cancel it first, or wait.",
                {"run_id": run_id, "status": before.status},
            )
        if before.revision is None or not before.spec:
            raise Conflict(
                "nothing_to_retry",
                f"Run {run_id} was a rejected trigger and never had anything to execute: {before.reason}",
                {"run_id": run_id},
            )
        spec = RunSpec.model_validate(before.spec)
        again = RunRequest(
            before.pipeline_name,
            trigger,
            variables=spec.variables,
            parameters=spec.given_parameters,
            run_config_id=spec.run_config_id,
            cause=_repeated(before),
        )
        if with_latest:
            return await self._start(again, retry_of=run_id)
        manifest = await self._present_manifest(again)
        chosen = Runnable(before.pipeline_name, before.revision, manifest, before.repository, before.commit)
        return await self._admit(again, chosen, spec, retry_of=run_id)

    async def get(self, run_id: str) -> RunWithAttempts:
        """Return one run with its attempts and with the runs that it has started.

        Raises:
            NotFound: `run_not_found`.
        """
        return await self._database.read(
            lambda session: RunWithAttempts(
                _existing(session, run_id), attempts.of_run(session, run_id), runs.started_by(session, run_id)
            )
        )

    async def page(
        self, narrowed: RunFilter, limit: int, before_id: str | None
    ) -> tuple[Sequence[RunRow], str | None]:
        """Return the newest runs that pass the filter, and the cursor of the next page or None."""
        rows = await self._database.read(lambda session: runs.page(session, narrowed, limit + 1, before_id))
        return rows[:limit], rows[limit - 1].id if len(rows) > limit else None

    async def _start(self, request: RunRequest, retry_of: str | None = None) -> RunRow:
        """Check the request against the pipeline as it is now; admit it, or leave a row that says why not."""
        try:
            earlier = await self._earlier(request)
            if earlier is not None:
                return earlier
            refuse_endless_chain(request)
            chosen = choose(await self._pipelines.look(request.pipeline_name), request)
            spec = await self._resolve(request, chosen.manifest)
        except (Conflict, Invalid, NotFound) as error:
            await self._reject(request, error)
            raise
        return await self._admit(request, chosen, spec, retry_of)

    async def _present_manifest(self, request: RunRequest) -> Manifest:
        """Return what the pipeline says today of `max_instances` and `overlap`; defaults if it is gone."""
        try:
            row = await self._pipelines.look(request.pipeline_name)
        except NotFound:
            return Manifest()
        try:
            _refuse_disabled(row)
        except Conflict as error:
            await self._reject(request, error)
            raise
        return Manifest.model_validate(row.manifest) if row.manifest else Manifest()

    async def _earlier(self, request: RunRequest) -> RunRow | None:
        key = request.idempotency_key
        if key is None:
            return None
        if not 0 < len(key) <= MAX_KEY_LENGTH:
            raise Invalid(
                "idempotency_key_invalid",
                f"Idempotency-Key must have 1 to {MAX_KEY_LENGTH} characters; this one has {len(key)}.",
            )
        if key.startswith(UPSTREAM_KEYS) and request.trigger is not Trigger.UPSTREAM:
            raise Invalid(
                "idempotency_key_invalid",
                f"Idempotency-Key {key[:80]!r} begins with {UPSTREAM_KEYS!r}, which the chains of pipelines "
                "have for themselves. Take another one.",
            )
        return await self._database.read(lambda session: same_request(session, request))

    async def _resolve(self, request: RunRequest, manifest: Manifest) -> RunSpec:
        schedule = run_config(manifest, request.run_config_id)
        if manifest.parameters is None:
            return resolve(request, manifest, self._defaults, schedule)
        # On a thread: validating parameters imports a large library and runs a pipeline's own schema.
        return await asyncio.to_thread(resolve, request, manifest, self._defaults, schedule)

    async def _admit(
        self, request: RunRequest, chosen: Runnable, spec: RunSpec, retry_of: str | None = None
    ) -> RunRow:
        manifest = chosen.manifest
        admission = Admission(
            request,
            chosen.revision,
            spec,
            manifest.max_instances,
            manifest.overlap,
            retry_of,
            chosen.repository,
            chosen.commit,
        )
        return await self._database.write(lambda session: admit(session, admission, self._clock.now()))

    async def _reject(self, request: RunRequest, error: FastFlowError) -> None:
        """Leave a row for a trigger that was not accepted, and name it in the error."""
        now = self._clock.now()
        run = await self._database.write(lambda session: leave_row(session, request, error, now))
        error.fields.setdefault("run_id", run.id)


def _repeated(run: RunRow) -> Cause | None:
    """Return why a repeated run exists: as the one before, but for who asks for it."""
    by, cause = TriggeredBy.of(acting.get()), cause_of(run.cause)
    if cause is None:
        return None if by is None else RequestCause(triggered_by=by)
    return cause.model_copy(update={"triggered_by": by})


def _existing(session: Session, run_id: str) -> RunRow:
    run = runs.get(session, run_id)
    if run is None:
        raise NotFound("run_not_found", f"There is no run {run_id[:80]!r}.", {"run_id": run_id[:80]})
    return run


def _refuse_disabled(row: PipelineRow) -> None:
    if not row.is_enabled:
        raise Conflict(
            "pipeline_disabled",
            f'Pipeline {row.name} is disabled: its manifest says `"enabled": false`.',
            {"pipeline_name": row.name},
        )


def choose(row: PipelineRow, request: RunRequest) -> Runnable:
    """Return the revision of a pipeline that a request starts.

    Raises:
        Conflict: `pipeline_disabled`, `manifest_invalid`, `pipeline_type_unsupported`.
    """
    _refuse_disabled(row)
    chosen = runnable(row, last_valid=request.revision == "last_valid")
    if chosen is None:
        raise Conflict(
            "manifest_invalid",
            f"Pipeline {row.name} can't be started: {_first_problem(row)} "
            + ("Its last valid revision can be started on request." if row.valid_revision else ""),
            {"pipeline_name": row.name, "problems": row.problems},
        )
    if chosen.manifest.type is not PipelineType.SCRIPT:
        raise Conflict(
            "pipeline_type_unsupported",
            f"Pipeline {row.name} is a {chosen.manifest.type.value}; this version runs scripts only. "
            "Add a main.py and leave `type` out.",
            {"pipeline_name": row.name},
        )
    return chosen


def _first_problem(row: PipelineRow) -> str:
    errors = [problem for problem in row.problems if problem.get("severity") == "error"]
    if not errors:
        return "it has no valid revision."
    first = errors[0]
    place = ":".join(str(first[key]) for key in ("file", "line", "column") if first.get(key))
    return f"{place} {first.get('field') or ''}: {first.get('message')}".replace(" :", ":")
