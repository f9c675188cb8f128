"""The life of an attempt: prepare → start → follow → conclude → release."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Final

import structlog

from fastflow.domain.cause import WebhookCause, cause_of
from fastflow.domain.environment import EnvironmentFailed, Prepared
from fastflow.domain.errors import Conflict, FastFlowError, Unavailable
from fastflow.domain.execution import AttemptIdentity, ExecutionRequest
from fastflow.domain.log import LogKey, LogState
from fastflow.domain.manifest import Network
from fastflow.domain.masking import Masker, NothingToHide, SecretMasker
from fastflow.domain.outcome import Blame, Conclusion, Ending, Outcome, conclude
from fastflow.domain.run_variables import run_variables
from fastflow.domain.secret import SecretsUnavailable
from fastflow.domain.spec import RunSpec
from fastflow.orchestrator.following import follow
from fastflow.orchestrator.guard import Cancelled, Guard
from fastflow.orchestrator.hiding import hidden_conclusion, hidden_route
from fastflow.orchestrator.tools import Tools
from fastflow.services.attempts import Begun
from fastflow.store.attempts import Lease
from fastflow.store.tables import RunRow

log = structlog.get_logger()

TRY_AGAIN_AFTER: Final = timedelta(seconds=3)
"""Until a claimed attempt is tried again when the platform was not ready for it."""

_WORTH_WAITING_FOR: Final = frozenset({"executor_unavailable", "image_missing", "disk_full"})
"""Troubles of the platform that end by themselves or by an operator; the run waits in the queue."""

_NOT_OURS_ANY_MORE: Final = frozenset({"already_started", "lease_lost"})
"""Something of this attempt exists, or will: the reconciler, which sees what, settles it."""


@dataclass(slots=True)
class Attempt:
    """One claimed attempt on its way."""

    tools: Tools
    lease: Lease
    run: RunRow
    guard: Guard = field(init=False)
    spec: RunSpec = field(init=False)
    masker: Masker = field(default_factory=NothingToHide)
    """Hides the secrets that it received."""
    prepared: Prepared | None = field(default=None, init=False)
    """None: it has not been prepared here; its container was found running."""

    def __post_init__(self) -> None:
        self.spec = RunSpec.model_validate(self.run.spec)
        self.guard = Guard(self.tools.executor, self.tools.clock, self.tools.stop_grace)

    @property
    def key(self) -> LogKey:
        """The name of its log."""
        return LogKey(self.run.id, self.lease.number)

    async def execute(self) -> None:
        """Take it from the claim to its end."""
        try:
            request = await self.guard.unless_cancelled(self._prepare())
            async with self.tools.starts:
                reference = await self.tools.executor.start(request)
        except Cancelled as error:
            await self._conclude_unstarted(Outcome.CANCELLED, Blame.NOBODY, error.reason)
        except EnvironmentFailed as error:
            await self._conclude_unstarted(Outcome.ENVIRONMENT_FAILED, Blame.PIPELINE, error.message)
        except SecretsUnavailable as error:
            await self._conclude_unstarted(Outcome.SECRETS_UNAVAILABLE, error.blame, error.message)
        except Unavailable as error:
            await self._give_back_or_conclude(error)
        except FastFlowError as error:
            if error.code in _NOT_OURS_ANY_MORE:
                log.error("left to the reconciler", run_id=self.run.id, reason=error.message)
                return
            await self._conclude_unstarted(Outcome.PLATFORM_ERROR, Blame.PLATFORM, error.message)
        else:
            await self.record_start(reference)

    async def record_start(self, reference: str) -> None:
        """Write down that its container runs, and see it through: its first line does not wait for that."""
        started_at = self.tools.clock.now()
        recording = asyncio.create_task(
            self.tools.attempts.started(self.lease, reference, started_at, self._begun_as(reference))
        )
        seeing = asyncio.create_task(self.see_through(reference, started_at, recording))
        try:
            run = await recording
            if run is None:
                log.warning("lease lost, its new holder goes on", run_id=self.run.id)
                return
            self._heed_cancel(run)
            await seeing
        finally:
            seeing.cancel()
            await asyncio.gather(seeing, return_exceptions=True)

    def _begun_as(self, reference: str) -> Begun | None:
        """Return how it came to run; None: it was adopted, that is written down already or lost."""
        if self.prepared is None:
            return None
        executor = self.tools.executor
        return Begun(self.prepared, executor.start_kind(reference), executor.oci_runtime(reference))

    async def see_through(
        self, reference: str, started_at: datetime, recording: Awaitable[object] | None = None
    ) -> None:
        """Stay with a running attempt until it has ended and nothing of it is left.

        `recording` is awaited before the end is written down. Cancelling this leaves the container running
        for the next server to adopt.
        """
        self._heed_cancel(self.run)
        limit = timedelta(seconds=self.spec.timeout_seconds)
        writer = await self.tools.logs.open(self.key)
        is_complete = False
        try:
            async with self.guard.watching(reference, started_at + limit if limit else None):
                seen = await follow(self.tools, self.key, reference, writer, self.spec.limits, self.masker)
            conclusion = conclude(
                seen.ending,
                memory_limit_bytes=self.spec.memory_bytes,
                timeout=limit,
                has_timed_out=self.guard.has_timed_out,
                cancel_reason=self.guard.cancel_reason,
            )
            log_state = await self.tools.logs.state(self.key)
            written = await self.tools.directories.read_route(self.run.id, self.lease.number)
            route = hidden_route(self.masker, written)
            warnings = [*seen.warnings, *_of_log(log_state), *([route.warning] if route.warning else [])]
            if recording is not None:
                await recording
            run = await self.tools.attempts.conclude(
                self.lease,
                hidden_conclusion(self.masker, conclusion),
                seen.ending,
                log_state.lines,
                [self.masker.text(warning) for warning in warnings],
                route.route,
            )
            if run is None:
                log.warning("lease lost, its new holder concludes", run_id=self.run.id)
                return
            is_complete = True
        finally:
            await asyncio.shield(writer.close(is_complete=is_complete))
        await self.release(reference)

    async def release(self, reference: str | None) -> None:
        """Leave nothing behind; what can't be removed now is found by the reconciler later."""
        try:
            if reference is not None:
                await self.tools.executor.remove(reference)
            await self.tools.directories.remove(self.run.id, self.lease.number)
        except FastFlowError as error:
            log.warning("not removed yet", reference=reference, reason=error.message)

    def _heed_cancel(self, run: RunRow) -> None:
        """Take up a cancel that was written down before anybody could be told."""
        if run.cancel_requested_at is not None:
            self.guard.cancel(run.cancel_reason or "Cancelled.")

    async def _prepare(self) -> ExecutionRequest:
        """Get the code, the environment and the private folder ready."""
        tools, run = self.tools, self.run
        if run.revision is None:
            raise Conflict("nothing_to_run", f"Run {run.id} has no revision.")
        checkout = await tools.source.checkout(run.pipeline_name, run.revision)
        self.prepared = await tools.environments.prepare(checkout, self.spec.python_version)
        cause = cause_of(run.cause)
        payload = None
        if isinstance(cause, WebhookCause) and cause.has_payload:
            payload = await tools.attempts.payload(run.id)
        directory = await tools.directories.create(run.id, self.lease.number, self.spec.parameters, payload)
        received = await tools.secrets.hand_over(self.lease, run)
        if received.values:
            self.masker = SecretMasker(received.values)
        identity = AttemptIdentity(run.id, self.lease.number, run.pipeline_name, lease_token=self.lease.token)
        return ExecutionRequest(
            identity=identity,
            checkout=checkout,
            environment=self.prepared.environment,
            directory=directory,
            variables=run_variables(
                identity=identity,
                trigger=run.trigger,
                revision=run.revision,
                parameters=self.spec.parameters,
                variables={**self.spec.all_variables, **received.variables},
                directory=tools.inside_directory or PurePosixPath(directory),
                cause=cause,
            ),
            secret_files=received.files,
            limits=self.spec.limits,
            network="none" if self.spec.network is Network.NONE else tools.network,
        )

    async def _give_back_or_conclude(self, error: Unavailable) -> None:
        if error.code in _WORTH_WAITING_FOR:
            await self.release(None)
            await self.tools.attempts.give_back(
                self.lease, f"Waits: {self.masker.text(error.message)}", TRY_AGAIN_AFTER
            )
        else:
            await self._conclude_unstarted(Outcome.ENVIRONMENT_FAILED, Blame.PLATFORM, error.message)

    async def _conclude_unstarted(self, outcome: Outcome, blame: Blame, reason: str) -> None:
        """End an attempt of which nothing was executed."""
        await self.tools.attempts.conclude(
            self.lease, Conclusion(outcome, blame, self.masker.text(reason)), Ending(None), log_lines=0
        )
        await self.release(None)


def _of_log(state: LogState) -> list[str]:
    """Return what its reader has to know before its end, where a notice in its last line says so too."""
    if not state.is_truncated:
        return []
    return [
        f"The log reached its size limit after {state.lines - 1} lines; later ones were not stored. "
        "Print less, or raise LOG_MAX_SIZE_MB."
    ]
