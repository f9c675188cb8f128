"""Runs the commands that build environments, each in a preparing container of its own."""

import asyncio
import os
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Final

from fastflow.adapters.docker import certificates, inside, labels
from fastflow.adapters.docker.captured_output import capture
from fastflow.adapters.docker.container_spec import Confinement, joined
from fastflow.adapters.docker.containers import Containers, exit_code_of
from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.image_choice import ImageChoice
from fastflow.adapters.docker.keeper import WALLED
from fastflow.adapters.docker.namespaces import Namespaces
from fastflow.domain.environment import NETWORK_VARIABLES
from fastflow.domain.environment_ports import Completed
from fastflow.domain.errors import NotFound, Unavailable

_PROCESSES: Final = 1024
_INPUT: Final = "input"
"""Folder of the store for what commands read from stdin; a file each, only while they run."""
_REMOVAL_LIMIT: Final = timedelta(seconds=30)
_WITH_INPUT: Final = ("/bin/sh", "-c", 'exec "$@" <"$0"')
"""`$0` is the file. Sending it over the attach connection would need a half-closed stream."""


class DockerToolbox:
    """Fulfils `environment_ports.Toolbox`. It has network and the writable uv store, and no secrets.

    The preparing container is confined like an attempt: unprivileged, no capabilities, read-only root.
    What the server's environment says about proxies, indexes and certificates reaches it; uv reads
    the configuration files of the pipeline and of the image, as it would on a laptop.
    """

    def __init__(
        self,
        engine: Engine,
        image: ImageChoice,
        confinement: Confinement,
        store: Path,
        namespaces: Namespaces,
        *,
        ca_bundle: Path | None = None,
        network: str = "bridge",
    ) -> None:
        self._containers = Containers(engine)
        self._image = image
        self._confinement = confinement
        self._store = store.absolute()
        self._namespaces = namespaces
        self._ca_bundle = ca_bundle
        self._network = network
        self._is_clean = False
        self._cleaning = asyncio.Lock()

    @property
    def store(self) -> PurePosixPath:
        """The store as the preparing container and attempts see it."""
        return inside.STORE_DIRECTORY

    @property
    def is_mounted(self) -> bool:
        """Always: attempts see one environment of the store."""
        return True

    @property
    def platform_key(self) -> str:
        """The image's id: what is built fits its C library and interpreters.

        Raises:
            Unavailable: `image_missing`; there is none yet.
        """
        return self._image.reference

    async def run(
        self,
        arguments: Sequence[str],
        *,
        checkout: Path | None,
        time_limit: timedelta,
        stdin: bytes = b"",
    ) -> Completed:
        """Run a command with the checkout (if given) as its working directory.

        Raises:
            Unavailable: `executor_unavailable`, `image_missing`, `disk_full`, `toolbox_timeout`,
                `toolbox_output`.
            Invalid: `path_not_mounted`; the store or the checkout can't be seen by the Engine.
        """
        await self.clean()
        given = await asyncio.to_thread(self._make_ready, stdin)
        try:
            async with asyncio.timeout(time_limit.total_seconds()):
                return await self._confinement.runtime.or_without(
                    lambda: self._run_once(arguments, checkout, given)
                )
        except TimeoutError as error:
            limit = f"{time_limit.total_seconds():.0f} s"
            raise Unavailable(
                "toolbox_timeout", f"{' '.join(arguments[:3])} did not end within {limit}"
            ) from error
        finally:
            if given is not None:
                await asyncio.to_thread(given.unlink, missing_ok=True)

    async def clean(self) -> None:
        """Remove what a server left that has died, once; whoever makes such containers calls it before.

        Raises:
            Unavailable: `executor_unavailable`.
        """
        async with self._cleaning:
            if not self._is_clean:
                await self.remove_leftovers()

    async def remove_leftovers(self) -> int:
        """Remove the preparing containers of a server that died; return how many. `run` does it at first.

        Raises:
            Unavailable: `executor_unavailable`.
        """
        wanted = labels.common(labels.Kind.PREPARATION, self._confinement.installation)
        left = await self._containers.list(wanted)
        for container in left:
            await self._containers.remove(container.id)
        self._is_clean = True
        return len(left)

    @asynccontextmanager
    async def _namespace(self) -> AsyncGenerator[str | None]:
        """Give the keeper of the namespace to join; None where a network is named."""
        if self._network != WALLED:
            yield None
            return
        keeper = await self._namespaces.take()
        try:
            yield keeper
        finally:
            await asyncio.shield(self._namespaces.discard(keeper))

    async def _run_once(
        self, arguments: Sequence[str], checkout: Path | None, given: Path | None
    ) -> Completed:
        async with self._namespace() as keeper:
            spec = await asyncio.to_thread(self._spec, arguments, checkout, given, keeper)
            return await self._run(spec)

    async def _run(self, spec: Mapping[str, object]) -> Completed:
        try:
            container = await self._containers.create(f"fastflow-preparing-{secrets.token_hex(8)}", spec)
        except NotFound as error:
            raise Unavailable("image_missing", error.message, error.fields) from error
        try:
            async with (
                await self._containers.attach(container) as output,
                await self._containers.wait(container, is_unstarted=True) as waiting,
            ):
                await self._containers.start(container)
                stdout, stderr = await capture(output)
                return Completed(await exit_code_of(waiting), stdout, stderr)
        except NotFound as error:
            raise Unavailable("executor_unavailable", error.message, error.fields) from error
        finally:
            await asyncio.shield(self._remove(container))

    async def _remove(self, container: str) -> None:
        """Remove it; where the Engine is away, the next server does."""
        with suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(_REMOVAL_LIMIT.total_seconds()):
                await self._containers.remove(container)

    def _make_ready(self, stdin: bytes) -> Path | None:
        """Let the container's user write the store; return the file that holds `stdin`, if any."""
        inputs = self._store / _INPUT
        try:
            inputs.mkdir(parents=True, exist_ok=True)
            self._give_away([self._store, *self._store.iterdir()])
            if not stdin:
                return None
            given = inputs / secrets.token_hex(8)
            given.write_bytes(stdin)
            self._give_away([given])
        except OSError as error:
            raise Unavailable("disk_failed", f"The uv store {self._store}: {error}") from error
        return given

    def _give_away(self, paths: Sequence[Path]) -> None:
        """Make the container's user the owner; only root can and has to: others run it as themselves."""
        if os.geteuid() == 0:
            for path in paths:
                if path.lstat().st_uid != self._confinement.owner.uid:
                    os.chown(path, *self._confinement.owner, follow_symlinks=False)

    def _spec(
        self, arguments: Sequence[str], checkout: Path | None, given: Path | None, keeper: str | None
    ) -> dict[str, object]:
        confinement = self._confinement
        mounts = [confinement.mount(self._store, self.store, is_writable=True)]
        if checkout is not None:
            mounts.append(confinement.mount(checkout, inside.CODE_DIRECTORY))
        bundle = certificates.find_bundle(self._ca_bundle)
        if bundle is not None and confinement.host_paths.is_visible(bundle):
            mounts.append(confinement.mount(bundle, certificates.BUNDLE))
        else:
            bundle = None
        redirected = [*_WITH_INPUT, str(self.store / _INPUT / given.name)] if given else []
        return {
            "Image": self._image.reference,
            "Cmd": [*redirected, *arguments],
            "Entrypoint": [],
            "WorkingDir": str(inside.CODE_DIRECTORY if checkout else self.store),
            "User": f"{confinement.owner.uid}:{confinement.owner.gid}",
            "Env": [f"{name}={value}" for name, value in self._variables(bundle).items()],
            "Labels": {
                **labels.common(labels.Kind.PREPARATION, confinement.installation),
                **labels.of_joined(keeper),
            },
            "HostConfig": {
                **confinement.host_config(mounts, _PROCESSES),
                "NetworkMode": joined(keeper) if keeper else self._network,
            },
        }

    def _variables(self, bundle: Path | None) -> dict[str, str]:
        passed = {name: os.environ[name] for name in NETWORK_VARIABLES if name in os.environ}
        if bundle is not None:
            passed |= dict.fromkeys(certificates.VARIABLES, str(certificates.BUNDLE))
        return {
            **passed,
            "PATH": inside.SEARCH_PATH,
            "HOME": str(inside.TEMPORARY_DIRECTORY),
            "USER": inside.USER_NAME,
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "UV_CACHE_DIR": str(self.store / "cache"),
            "UV_PYTHON_INSTALL_DIR": str(self.store / "python"),
            "UV_LINK_MODE": "hardlink",
            "UV_NO_PROGRESS": "1",
        }
