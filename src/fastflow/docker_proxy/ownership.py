"""Knows which containers are ours: by the label that only this proxy writes, as the Engine tells it."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from fastflow.docker_proxy.answers import Container
from fastflow.docker_proxy.bind_sources import BindSource
from fastflow.docker_proxy.engine import Engine
from fastflow.docker_proxy.policy import Policy
from fastflow.docker_proxy.refusal import Refused

_REMEMBERED: Final = 10_000


class Ownership:
    """Remembers full ids only: labels can't be changed, and an id is never used again."""

    def __init__(self, engine: Engine, policy: Policy) -> None:
        self._engine = engine
        self._policy = policy
        self._ours: OrderedDict[str, Sequence[BindSource]] = OrderedDict()

    def remember(self, container: str, sources: Sequence[BindSource] = ()) -> None:
        """Take note of a container of ours; `sources` are what it will be given when it is started."""
        self._ours[container] = sources
        while len(self._ours) > _REMEMBERED:
            self._ours.popitem(last=False)

    def forget(self, container: str) -> None:
        """It is gone."""
        self._ours.pop(container, None)

    def sources_of(self, container: str) -> Sequence[BindSource] | None:
        """Return what a container of ours was promised; None where an earlier proxy created it."""
        return self._ours.get(container) or None

    async def check(self, container: str) -> None:
        """Return if that id is a container of ours.

        Raises:
            Refused: it is somebody else's. EngineSaid: there is none.
        """
        if container in self._ours:
            return
        found = await self.inspect(container)
        if found.id != container or not self.is_ours(found):
            raise Refused(f"container {container[:12]} was not created by this proxy")
        self.remember(container)

    async def inspect(self, container: str) -> Container:
        """Ask the Engine about any container."""
        answer = await self._engine.ask("GET", f"/containers/{container}/json")
        return Container.model_validate_json(answer)

    def is_ours(self, container: Container) -> bool:
        """Return whether it carries this proxy's own label."""
        return container.config.is_stamped(self._policy.name)
