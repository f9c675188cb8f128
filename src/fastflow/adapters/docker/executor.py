"""Runs attempts as containers of a Docker Engine."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

from fastflow.adapters.docker import labels
from fastflow.adapters.docker.container_spec import Confinement, attempt_spec
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.endings import ending_of
from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.engine_types import Listed
from fastflow.adapters.docker.exit_watch import ExitWatch
from fastflow.adapters.docker.image_choice import ImageChoice
from fastflow.adapters.docker.init_pipe import is_waited_for
from fastflow.adapters.docker.keeper import WALLED
from fastflow.adapters.docker.live_attempt import LiveAttempt, watched_before_start
from fastflow.adapters.docker.namespaces import Namespaces
from fastflow.adapters.docker.output import OutputFollower
from fastflow.adapters.docker.patience import Patience
from fastflow.adapters.docker.sampling import samples
from fastflow.adapters.docker.secret_pipe import SecretPipe
from fastflow.adapters.docker.standby import StandbyContainers
from fastflow.adapters.docker.standby_records import StandbyRecord
from fastflow.domain.errors import Conflict, FastFlowError, NotFound, Unavailable
from fastflow.domain.execution import ExecutionRequest, Found, StartKind
from fastflow.domain.log import Output, Sample, StreamCounts
from fastflow.domain.outcome import Ending
from fastflow.domain.ports import Readiness

_REMOVAL_LIMIT: Final = timedelta(seconds=60)


class DockerExecutor:
    """Fulfils `ports.Executor`; a reference is a container's id. Nothing is kept but connections.

    Containers of other installations on the same Engine are neither seen nor touched.
    """

    def __init__(
        self,
        engine: Engine,
        image: ImageChoice,
        confinement: Confinement,
        namespaces: Namespaces,
        standby: StandbyContainers,
    ) -> None:
        self._engine = engine
        self._containers = Containers(engine)
        self._image = image
        self._confinement = confinement
        self._namespaces = namespaces
        self._standby = standby
        self._live: dict[str, LiveAttempt] = {}
        self._keepers: dict[str, str] = {}
        """Whose namespaces attempts have joined; known of what was started or found here."""

    @property
    def name(self) -> str:
        """What `/ready` shows."""
        return "docker"

    @property
    def is_isolating(self) -> bool:
        """Always: a container for each attempt."""
        return True

    async def readiness(self) -> Readiness:
        """Say whether the Engine answers and the image is there."""
        try:
            await self._engine.ping()
        except Unavailable as error:
            return Readiness(False, error.message)
        if self._namespaces.problem:
            return Readiness(False, self._namespaces.problem)
        return self._image.readiness()

    async def start(self, request: ExecutionRequest) -> str:
        """Hand it over to a container that was made ahead, if one fits; else make one for it.

        Returns as soon as there is output, or it runs.

        Raises:
            Conflict: `already_started`.
            Unavailable: `executor_unavailable`, `image_missing`, `disk_full`. Nothing was left behind.
            SecretsUnavailable: `secrets_not_taken`. Nothing was left behind.
        """
        container = await self._start_ready(request)
        if container is None:
            self._standby.cold_start_begins()
            try:
                container = await self._confinement.runtime.or_without(lambda: self._start_cold(request))
            finally:
                self._standby.cold_start_is_over()
        self._standby.want(request)
        return container

    async def _start_ready(self, request: ExecutionRequest) -> str | None:
        """Return a container that was made ahead and executes it now; None: there is none, or it failed."""
        standby = await self._standby.take(request)
        if standby is None:
            return None
        container = standby.container
        self._live[container] = standby.live
        if standby.keeper is not None:
            self._keepers[container] = standby.keeper
        try:
            if await self._standby.hand_over(standby, request):
                return container
        except BaseException:
            await self._let_go(container)  # where it has begun, it is adopted; otherwise it is gone
            raise
        self._live.pop(container, None)
        self._keepers.pop(container, None)
        return None

    async def _start_cold(self, request: ExecutionRequest) -> str:
        """Create, attach, wait, start: in this order no byte and no end is missed."""
        container = await self._create(request)
        try:
            pipe = await self._pipe(request)
            live = await watched_before_start(self._containers, container, request.directory)
            live.oci_runtime = self._confinement.runtime.name
            self._live[container] = live
            await live.start(self._containers.start(container), pipe)
        except (NotFound, Conflict) as error:  # of the network, or of the container itself
            await self._discard(container)
            raise Unavailable("executor_unavailable", error.message, error.fields) from error
        except asyncio.CancelledError:
            # Once the start is on its way the program may run, and be adopted; before, nobody needs it.
            is_lost = not self._is_starting(container) or await asyncio.to_thread(
                is_waited_for, request.directory
            )
            await (self._discard(container) if is_lost else self._let_go(container))
            raise
        except FastFlowError:
            await self._discard(container)
            raise
        return container

    def start_kind(self, reference: str) -> StartKind:
        """Say how it was started here."""
        live = self._live.get(reference)
        return StartKind.STANDBY if live is not None and live.was_made_ahead else StartKind.COLD

    def oci_runtime(self, reference: str) -> str | None:
        """Say what was written into its container's body."""
        live = self._live.get(reference)
        return live.oci_runtime or None if live is not None else None

    async def follow(self, reference: str, stored: StreamCounts) -> AsyncGenerator[Sequence[Output]]:
        """Yield from the attached stream; from the Engine's log for an adopted container."""
        live = self._look_at(reference)
        attached = live.take_attached() if stored.total == 0 else None
        follower = OutputFollower(self._containers, reference, live.exit_watch, stored)
        try:
            async for outputs in follower.follow(attached):
                yield outputs
        finally:
            if attached is not None:
                await attached.close()

    async def wait(self, reference: str) -> Ending:
        """Block until the end, through outages; a container that is gone was lost with its host."""
        live = self._look_at(reference)
        if live.directory is None and (record := (await self._standby.records()).get(reference)) is not None:
            live.directory = record.directory
        seen = await live.exit_watch.exit()
        return await ending_of(self._containers, reference, seen, lambda: live.is_stopping, live.directory)

    async def stop(self, reference: str, grace: timedelta) -> None:
        """Let the Engine do it, so that it is done even if this process dies meanwhile."""
        live = self._look_at(reference)
        live.is_stopping = True
        await live.start_is_answered()
        try:
            await self._containers.stop(reference, grace)
        except NotFound:
            return

    async def stats(self, reference: str) -> AsyncGenerator[Sample]:
        """Yield from the kernel's files where they are on this machine, else from the Engine."""
        watch = self._look_at(reference).exit_watch
        async for sample in samples(self._containers, reference, watch):
            yield sample

    async def find(self) -> list[Found]:
        """List this installation's attempts."""
        records = await self._standby.records()  # before the containers: whose record goes is gone before
        listed = await self._list(labels.Kind.ATTEMPT)
        handed_over = [each for each in await self._list(labels.Kind.STANDBY) if each.id in records]
        for container in (*listed, *handed_over):
            if (keeper := labels.namespace_from(container.labels)) is not None:
                self._keepers.setdefault(container.id, keeper)
        return [*await self._made_for_them(listed), *await asyncio.to_thread(_served, handed_over, records)]

    async def _list(self, kind: labels.Kind) -> list[Listed]:
        return await self._containers.list(labels.common(kind, self._confinement.installation))

    async def _made_for_them(self, listed: Sequence[Listed]) -> list[Found]:
        waiting = await asyncio.to_thread(_without_secrets_yet, listed)
        return [
            Found(
                container.id,
                identity,
                is_started=(container.status != "created" and container.id not in waiting)
                or self._is_starting(container.id),
            )
            for container in listed
            if (identity := labels.identity_from(container.labels)) is not None
        ]

    async def remove(self, reference: str) -> None:
        """Kill and delete the container and its anonymous volumes; return when it is gone.

        Raises:
            Unavailable: `executor_unavailable`; the Engine is away, or does not get it done.
        """
        patience = Patience()
        try:
            async with asyncio.timeout(_REMOVAL_LIMIT.total_seconds()):
                if live := self._live.get(reference):
                    await live.start_is_answered()
                while not await self._containers.remove(reference):
                    await patience.sleep()
        except TimeoutError as error:
            raise Unavailable("executor_unavailable", f"{reference} can't be removed.") from error
        await self._release(reference)
        await self._standby.forget(reference)
        await self._let_go(reference)

    async def close(self) -> None:
        """Give up connections; containers run on."""
        for reference in list(self._live):
            await self._let_go(reference)
        await self._standby.close()
        await self._namespaces.close()
        await self._engine.close()

    async def _create(self, request: ExecutionRequest) -> str:
        if request.network != WALLED:
            return await self._create_in(request, None)
        keeper = await self._namespaces.take()
        try:
            container = await self._create_in(request, keeper)
        except BaseException:
            await asyncio.shield(self._namespaces.discard(keeper))
            raise
        self._keepers[container] = keeper
        return container

    async def _create_in(self, request: ExecutionRequest, keeper: str | None) -> str:
        spec = attempt_spec(request, self._image.reference, self._confinement, keeper)
        name = request.identity.name
        try:
            return await self._containers.create(name, spec)
        except Conflict as error:
            raise Conflict("already_started", f"{name} was started before.", {"name": name}) from error
        except NotFound as error:
            if keeper is not None and not await self._namespaces.is_open(keeper):
                raise Unavailable("executor_unavailable", error.message, error.fields) from error
            raise Unavailable("image_missing", error.message, error.fields) from error

    async def _release(self, reference: str) -> None:
        """Throw the namespace away that it had joined, if any."""
        if keeper := self._keepers.get(reference):
            await self._namespaces.release(keeper)
            del self._keepers[reference]

    async def _pipe(self, request: ExecutionRequest) -> SecretPipe | None:
        """Lay the pipe for the files of secrets, where there are any.

        After the container was created, which tells that no other of this attempt has used it up before.
        """
        if not request.secret_files:
            return None
        pipe = SecretPipe(request.directory, request.secret_files)
        await asyncio.to_thread(pipe.make, self._confinement.owner)
        return pipe

    def _look_at(self, reference: str) -> LiveAttempt:
        """Return what we hold of it, beginning to watch it where that is nothing."""
        live = self._live.get(reference)
        if live is None:
            live = self._live[reference] = LiveAttempt(ExitWatch(self._containers, reference))
        return live

    def _is_starting(self, container: str) -> bool:
        live = self._live.get(container)
        return live is not None and live.is_starting

    async def _discard(self, container: str) -> None:
        """Remove what could not be started; if the Engine is away, a later `find` shows it."""
        with suppress(FastFlowError):
            await self._containers.remove(container)
            await self._release(container)
        await self._let_go(container)

    async def _let_go(self, reference: str) -> None:
        live = self._live.pop(reference, None)
        if live is not None:
            await live.close()


def _served(containers: Sequence[Listed], records: Mapping[str, StandbyRecord]) -> list[Found]:
    """Say of containers made ahead which attempts they serve. Blocks for moments."""
    found: list[Found] = []
    for container in containers:
        record = records[container.id]
        is_started = not (is_waited_for(record.directory) or is_waited_for(record.made_in))
        found.append(Found(container.id, record.identity, is_started=is_started))
    return found


def _without_secrets_yet(containers: Sequence[Listed]) -> set[str]:
    """Return those whose server died before it gave them their secrets. Blocks for moments."""
    return {
        container.id
        for container in containers
        if (directory := labels.directory_from(container.labels)) is not None and is_waited_for(directory)
    }
