"""An executor whose attempts live in memory and do what the test says."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

from fastflow.domain.errors import Conflict, FastFlowError, Unavailable
from fastflow.domain.execution import ExecutionRequest, Found, StartKind
from fastflow.domain.log import Output, Sample, Stream, StreamCounts
from fastflow.domain.outcome import Ending
from fastflow.domain.ports import Clock, Readiness
from tests.fakes.attempt import FakeAttempt
from tests.fakes.script import Script, Write, line

_GONE = Ending(None, was_host_lost=True, detail="nothing of the attempt is left")


class FakeExecutor:
    """Fulfils `ports.Executor` and plays the Engine: it outlives the server instances that share it.

    Without a script an attempt runs until `finish`, `stop` or `lose_host`. With a clock, the grace of
    `stop` passes on that clock; without one it passes at once.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.kind = StartKind.COLD
        self.runtime: str | None = None
        """How every attempt is started from now on."""
        self.starts: list[ExecutionRequest] = []
        """Every request that was really started, in order; never forgotten."""
        self.stops: list[tuple[str, timedelta]] = []
        """Reference and grace of every stop that was asked for."""
        self.removed: list[str] = []
        """References that were removed, in order."""
        self.overlaps: list[str] = []
        """Run ids of which two attempts were alive at once. Anything in here is a bug."""
        self._clock = clock
        self._attempts: dict[str, FakeAttempt] = {}
        self._scripts: dict[str, Script] = {}
        self._failures: dict[str, FastFlowError] = {}
        self._is_away = False
        self._changed = asyncio.Event()
        self._may_start = asyncio.Event()
        self._may_start.set()

    # What tests say.

    def script(
        self,
        pipeline: str,
        script: Script | None = None,
        *,
        lines: Sequence[str] = (),
        exit_code: int | None = 0,
        oom: bool = False,
    ) -> None:
        """Let later attempts of that pipeline follow a script; `exit_code` None keeps them running."""
        self._scripts[pipeline] = script or Script(
            [line(text) for text in lines], 137 if oom else exit_code, was_out_of_memory=oom
        )

    def fail_start(self, pipeline: str, error: FastFlowError) -> None:
        """Let the next start of that pipeline raise `error` and leave nothing behind."""
        self._failures[pipeline] = error

    def hold_starts(self) -> None:
        """Let every `start` block before anything exists, until `release_starts`."""
        self._may_start.clear()

    def release_starts(self) -> None:
        """Let blocked and later starts go on."""
        self._may_start.set()

    def place_unstarted(self, request: ExecutionRequest) -> str:
        """Leave what a server leaves that dies between creating and starting; return the reference."""
        attempt = FakeAttempt(request, Script(), is_started=False)
        self._attempts[attempt.reference] = attempt
        return attempt.reference

    async def started(self, run_id: str, attempt: int | None = None) -> ExecutionRequest:
        """Block until that run's (newest, or given) attempt has been started; return its request."""
        while True:
            for request in reversed(self.starts):
                if request.identity.run_id == run_id and attempt in (None, request.identity.attempt):
                    return request
            await self._changed.wait()

    def emit(self, run_id: str, text: str, stream: Stream = Stream.STDOUT) -> None:
        """Let the run's newest attempt print one line."""
        self._newest(run_id).write(self._now_ns(), [line(text, stream)])

    def write(self, run_id: str, data: bytes, stream: Stream = Stream.STDOUT) -> None:
        """Let the run's newest attempt write bytes, with or without newlines."""
        self._newest(run_id).write(self._now_ns(), [Write(data, stream)])

    def use(self, run_id: str, cpu_percent: float, memory_bytes: int) -> None:
        """Let the next sample of the run's newest attempt be this one."""
        self._newest(run_id).sample([Sample(self._now_ns(), cpu_percent, memory_bytes)])

    def finish(self, run_id: str, exit_code: int = 0, *, oom: bool = False) -> None:
        """Let the run's newest attempt exit, or be killed by the kernel where `oom`."""
        self._newest(run_id).exit(137 if oom else exit_code, was_out_of_memory=oom)

    def is_alive(self, run_id: str) -> bool:
        """Say whether any attempt of that run is running."""
        return any(a.is_alive for a in self._attempts.values() if a.request.identity.run_id == run_id)

    @property
    def left_behind(self) -> list[str]:
        """References of everything that was not removed."""
        return list(self._attempts)

    def lose_host(self) -> None:
        """End everything that runs, as a reboot would."""
        for attempt in self._attempts.values():
            if attempt.is_started:
                attempt.end(Ending(None, was_host_lost=True, detail="the host was restarted"))

    def go_away(self) -> None:
        """Let the Engine stop answering; attempts keep running."""
        self._is_away = True
        self._notify_all()

    def come_back(self) -> None:
        """Let the Engine answer again."""
        self._is_away = False
        self._notify_all()

    # What the server calls.

    @property
    def name(self) -> str:
        """What `/ready` shows."""
        return "fake"

    @property
    def is_isolating(self) -> bool:
        """It claims to isolate, as the product's executor does."""
        return True

    async def readiness(self) -> Readiness:
        """Not ready while the Engine is away."""
        if self._is_away:
            return Readiness(False, "The fake Engine does not answer.")
        return Readiness(True, "The fake Engine answers.")

    async def start(self, request: ExecutionRequest) -> str:
        """Start the attempt and play its script up to where it waits."""
        await self._may_start.wait()
        self._check_present()
        identity = request.identity
        if error := self._failures.pop(identity.pipeline, None):
            raise error
        attempt = FakeAttempt(request, self._scripts.get(identity.pipeline, Script()))
        if attempt.reference in self._attempts:
            raise Conflict("already_started", f"{identity.name} exists.", {"name": identity.name})
        if self.is_alive(identity.run_id):
            self.overlaps.append(identity.run_id)
        self._attempts[attempt.reference] = attempt
        self.starts.append(request)
        attempt.write(self._now_ns(), attempt.script.writes)
        attempt.sample([sample._replace(at_ns=self._now_ns()) for sample in attempt.script.samples])
        if attempt.script.exit_code is not None:
            attempt.exit(attempt.script.exit_code, was_out_of_memory=attempt.script.was_out_of_memory)
        self._notify_all()
        return attempt.reference

    def start_kind(self, reference: str) -> StartKind:
        """Return what the test wants of all."""
        del reference
        return self.kind

    def oci_runtime(self, reference: str) -> str | None:
        """Return what the test wants of all."""
        del reference
        return self.runtime

    async def follow(self, reference: str, stored: StreamCounts) -> AsyncIterator[Sequence[Output]]:
        """Yield the output; raises `Unavailable` as soon as the Engine is away."""
        self._check_present()
        attempt = self._attempts.get(reference)
        if attempt is None:
            return
        async for batch in attempt.output(stored):
            self._check_present()
            if batch:
                yield batch

    async def wait(self, reference: str) -> Ending:
        """Block until the end, and through outages."""
        while True:
            attempt = self._attempts.get(reference)
            if not self._is_away:
                if attempt is None:
                    return _GONE
                if attempt.ending is not None:
                    return attempt.ending
            await (attempt.change() if attempt else self._changed.wait())

    async def stop(self, reference: str, grace: timedelta) -> None:
        """Do what the script does on SIGTERM; kill after the grace what ignores it."""
        self._check_present()
        self.stops.append((reference, grace))
        attempt = self._attempts.get(reference)
        if attempt is None or not attempt.is_alive:
            return
        if not attempt.is_stopping:
            attempt.is_stopping = True
            attempt.write(self._now_ns(), attempt.script.writes_on_stop)
            if attempt.script.exit_code_on_stop is not None:
                attempt.exit(attempt.script.exit_code_on_stop)
                return
        if self._clock is not None:
            await self._clock.sleep(grace)
        attempt.kill()

    async def stats(self, reference: str) -> AsyncIterator[Sample]:
        """Yield the samples of the script and of `use`."""
        self._check_present()
        attempt = self._attempts.get(reference)
        position = 0
        while attempt is not None:
            while position < len(attempt.samples):
                position += 1
                yield attempt.samples[position - 1]
            if attempt.ending is not None:
                return
            await attempt.change()
            self._check_present()

    async def find(self) -> list[Found]:
        """List everything that was not removed."""
        self._check_present()
        return [Found(a.reference, a.request.identity, a.is_started) for a in self._attempts.values()]

    async def remove(self, reference: str) -> None:
        """Kill it if need be and forget it."""
        self._check_present()
        attempt = self._attempts.pop(reference, None)
        if attempt is not None:
            attempt.kill()
            self.removed.append(reference)

    async def close(self) -> None:
        """Leave everything running: another server may come."""

    def _newest(self, run_id: str) -> FakeAttempt:
        of_run = [a for a in self._attempts.values() if a.request.identity.run_id == run_id]
        return max(of_run, key=lambda attempt: attempt.request.identity.attempt)

    def _check_present(self) -> None:
        if self._is_away:
            raise Unavailable("executor_unavailable", "The fake Engine does not answer.")

    def _now_ns(self) -> int:
        now = self._clock.now() if self._clock else datetime.now(UTC)
        return int(now.timestamp() * 1e6) * 1000

    def _notify_all(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        for attempt in self._attempts.values():
            attempt.notify()
