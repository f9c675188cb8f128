"""An installation of a test's own on a real Engine, and what it runs there."""

import asyncio
import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from fastflow.adapters.docker import labels
from fastflow.adapters.docker.container_spec import Confinement, Owner
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.executor import DockerExecutor
from fastflow.adapters.docker.host_paths import HostPaths
from fastflow.adapters.docker.keeper import Walls
from fastflow.adapters.docker.namespaces import Namespaces
from fastflow.adapters.docker.oci_runtime import RuntimeTrials
from fastflow.adapters.docker.standby import StandbyContainers
from fastflow.adapters.docker.standby_records import StandbyRecords
from fastflow.adapters.docker.toolbox import DockerToolbox
from fastflow.domain.environment import Environment
from fastflow.domain.execution import AttemptIdentity, ExecutionRequest
from fastflow.domain.limits import Limits
from fastflow.domain.line_splitter import NOTHING_STORED
from fastflow.domain.log import Output, Stream, StreamCounts
from fastflow.domain.outcome import Ending
from fastflow.domain.ports import Readiness
from fastflow.domain.secret_file import SecretFile
from fastflow.main.walls import METADATA

ADDRESS = os.environ.get("DOCKER_PROXY_URL", "unix:///var/run/docker.sock")
PYTHON = Environment("bare", "", None, "python3")
METADATA_ONLY = Walls(METADATA)


@dataclass
class FixedImage:
    """An image that is known to be there, or known not to be."""

    reference: str

    def readiness(self) -> Readiness:
        return Readiness(True, "there")


@dataclass
class Ended:
    """All there is to see of an attempt that ended."""

    ending: Ending
    outputs: list[Output] = field(default_factory=list[Output])

    def bytes_of(self, stream: Stream) -> bytes:
        return b"".join(output.data for output in self.outputs if output.stream is stream)

    @property
    def text(self) -> str:
        return self.bytes_of(Stream.STDOUT).decode()


@dataclass
class House:
    """One installation: its executor, and a way to make requests."""

    address: str
    installation: str
    image: str
    directory: Path
    owner: Owner
    executors: list[DockerExecutor] = field(default_factory=list[DockerExecutor])
    engine: Engine = field(init=False)
    confinement: Confinement = field(init=False)
    """What all containers of this installation have in common."""
    chosen: FixedImage = field(init=False)
    """The image of this installation."""

    def __post_init__(self) -> None:
        self.engine = Engine(self.address)
        self.confinement = Confinement(self.installation, self.owner, HostPaths())
        self.chosen = FixedImage(self.image)

    def executor(self, *, address: str | None = None, image: str | None = None) -> DockerExecutor:
        """Return an executor of its own, as another process of this installation would have."""
        engine = Engine(address or self.address)
        chosen = FixedImage(image or self.image)
        namespaces = self.namespaces(engine)
        standby = self.standby(engine, namespaces)
        executor = DockerExecutor(engine, chosen, self.confinement, namespaces, standby)
        self.executors.append(executor)
        return executor

    def standby(self, engine: Engine, namespaces: Namespaces, most: int = 0) -> StandbyContainers:
        """Return a maker of containers that wait for their attempts."""
        records = StandbyRecords(self.directory / "standby")
        root = self.directory / "attempts"
        return StandbyContainers(engine, self.chosen, self.confinement, namespaces, records, root, most)

    def toolbox(
        self, store: Path, *, ca_bundle: Path | None = None, network: str = "bridge"
    ) -> DockerToolbox:
        """Return a toolbox with that store."""
        return DockerToolbox(
            self.engine,
            FixedImage(self.image),
            self.confinement,
            store,
            self.namespaces(self.engine),
            ca_bundle=ca_bundle,
            network=network,
        )

    def namespaces(self, engine: Engine, ahead: int = 0, walls: Walls = METADATA_ONLY) -> Namespaces:
        """Return a maker of namespaces behind walls."""
        return Namespaces(engine, FixedImage(self.image), self.confinement, lambda: walls, ahead)

    def runtime_trials(self) -> RuntimeTrials:
        """Return what looks for a faster OCI runtime. Without it there is the Engine's default."""
        toolbox = self.toolbox(self.directory / "store")
        return RuntimeTrials(self.engine, self.chosen, self.confinement, toolbox.clean)

    async def kept(self, kind: labels.Kind) -> list[str]:
        """List the containers of this installation that are for that."""
        wanted = labels.common(kind, self.installation)
        return [container.id for container in await Containers(self.engine).list(wanted)]

    async def kept_namespaces(self) -> list[str]:
        """List the keepers of this installation."""
        return await self.kept(labels.Kind.NAMESPACE)

    async def preparations(self) -> list[str]:
        """List the preparing containers of this installation."""
        return await self.kept(labels.Kind.PREPARATION)

    def request(
        self,
        code: str,
        *,
        limits: Limits = Limits(),
        variables: Mapping[str, str] | None = None,
        network: str = "none",
        run_id: str = "",
        secret_files: Mapping[str, str] | None = None,
    ) -> ExecutionRequest:
        """Return a request to run that Python code as `main.py`."""
        run_id = run_id or f"test-{secrets.token_hex(6)}"
        checkout = self.directory / run_id / "code"
        checkout.mkdir(parents=True)
        (checkout / "main.py").write_text(code)
        directory = self.directory / run_id / "run"
        directory.mkdir()
        os.chown(directory, *self.owner)
        identity = AttemptIdentity(run_id, 1, "hello", "lease")
        return ExecutionRequest(
            identity,
            checkout,
            PYTHON,
            directory,
            variables=variables or {},
            secret_files=tuple(SecretFile(*file) for file in (secret_files or {}).items()),
            limits=limits,
            network=network,
        )

    async def run(self, code: str, *, limits: Limits = Limits()) -> Ended:
        """Run it from its start to its removal."""
        executor = self.executor()
        reference = await executor.start(self.request(code, limits=limits))
        try:
            return await ended(executor, reference)
        finally:
            await executor.remove(reference)

    async def close(self) -> None:
        """Fail where a container of this installation is left; leave none in any case."""
        containers = Containers(self.engine)
        try:
            left = [
                container.id
                for kind in labels.Kind
                for container in await containers.list(labels.common(kind, self.installation))
            ]
            for container in left:
                await containers.remove(container)
        finally:
            for executor in self.executors:
                await executor.close()
            await self.engine.close()
        assert not left, f"left behind containers: {left}"


async def first_output(executor: DockerExecutor, reference: str) -> Sequence[Output]:
    """Block until the program has written something; return it."""
    async with aclosing(executor.follow(reference, NOTHING_STORED)) as following:
        async for outputs in following:
            return outputs
    return []


async def ended(executor: DockerExecutor, reference: str, stored: StreamCounts = NOTHING_STORED) -> Ended:
    """Follow an attempt to its end."""

    async def outputs() -> list[Output]:
        return [output async for batch in executor.follow(reference, stored) for output in batch]

    seen, ending = await asyncio.gather(outputs(), executor.wait(reference))
    return Ended(ending, seen)
