"""What the contract needs besides an executor: requests for it, and a second server's view of it."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fastflow.domain.environment import Environment
from fastflow.domain.execution import AttemptIdentity, ExecutionRequest
from fastflow.domain.limits import Limits
from fastflow.domain.log import Stream, StreamCounts
from fastflow.domain.ports import Executor
from fastflow.domain.secret_file import SecretFile
from tests.contract.payloads import NEIGHBOUR_TEXT, Payload
from tests.fakes.script import Script

BEGINNING = StreamCounts()

_ANYBODY = 0o755
_WRITABLE_BY_ANYBODY = 0o777


@dataclass(eq=False)
class Rig:
    """One executor under test."""

    folder: Path
    connect: Callable[[], Executor]
    """Makes an executor as a further server would: it has to see the attempts of the others."""
    announce: Callable[[str, Script], None] = lambda pipeline, script: None
    """Tells the fake what that pipeline's code would do."""
    executor: Executor = field(init=False)
    _connected: list[Executor] = field(default_factory=list[Executor])
    _started: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.executor = self.another()

    def another(self) -> Executor:
        """Return the executor of a second server."""
        executor = self.connect()
        self._connected.append(executor)
        return executor

    def request(
        self,
        payload: Payload,
        *,
        variables: Mapping[str, str] | None = None,
        arguments: tuple[str, ...] = ("main.py",),
        limits: Limits = Limits(),
        secret_files: tuple[SecretFile, ...] = (),
    ) -> ExecutionRequest:
        """Put the payload into a checkout of its own and return the request to run it once."""
        run_id = secrets.token_hex(8)
        checkout, directory = self.folder / run_id / "checkout", self.folder / run_id / "attempt"
        for made, mode in ((checkout, _ANYBODY), (directory, _WRITABLE_BY_ANYBODY)):
            made.mkdir(parents=True)
            made.chmod(mode)
        (checkout / "main.py").write_text(payload.code)
        (checkout / "neighbour.txt").write_text(NEIGHBOUR_TEXT)
        for file in checkout.iterdir():
            file.chmod(_ANYBODY)
        pipeline = f"pipeline-{run_id}"
        self.announce(pipeline, payload.script)
        return ExecutionRequest(
            identity=AttemptIdentity(run_id, 1, pipeline, "token"),
            checkout=checkout,
            environment=Environment("bare", "", None, "python3"),
            directory=directory,
            arguments=arguments,
            variables=variables or {},
            secret_files=secret_files,
            limits=limits,
            network="none",
        )

    async def start(self, payload: Payload) -> str:
        """Start the payload; it is removed with the rig."""
        return await self.start_request(self.request(payload))

    async def start_request(self, request: ExecutionRequest) -> str:
        """Start that request; it is removed with the rig."""
        reference = await self.executor.start(request)
        self._started.append(reference)
        return reference

    async def output(self, reference: str, stored: StreamCounts = BEGINNING) -> dict[Stream, bytes]:
        """Follow to the end; return what came, stream by stream."""
        came = {stream: b"" for stream in Stream}
        async for batch in self.executor.follow(reference, stored):
            for output in batch:
                came[output.stream] += output.data
        return came

    async def until_line(self, reference: str, text: bytes) -> StreamCounts:
        """Follow until that line of stdout; return the position after it."""
        lines = 0
        async for batch in self.executor.follow(reference, StreamCounts()):
            for output in batch:
                lines += output.lines
                if text + b"\n" in output.data:
                    return StreamCounts(stdout=lines)
        raise AssertionError(f"{text!r} never came")

    async def close(self) -> None:
        """Remove what was started and let go of the executors."""
        for reference in self._started:
            await self.executor.remove(reference)
        for executor in self._connected:
            await executor.close()
