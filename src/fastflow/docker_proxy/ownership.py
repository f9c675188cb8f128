"""Knows which containers are ours: by the label that only this proxy writes, as the Engine tells it."""

import json
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
        self._is_used: dict[str, bool] = {}
        """By keeper: whether a container was let join it."""

    def remember(self, container: str, sources: Sequence[BindSource] = ()) -> None:
        """Take note of a container of ours; `sources` are what it will be given when it is started."""
        self._ours[container] = sources
        while len(self._ours) > _REMEMBERED:
            self._ours.popitem(last=False)

    def remember_keeper(self, container: str) -> None:
        """Take note of a keeper of ours, whose namespace one container may join."""
        self.remember(container)
        self._is_used[container] = False

    async def use_up(self, keeper: str) -> None:
        """Let a container join that keeper's namespace; there is no second one.

        Of one that an earlier proxy created the Engine is asked whether anybody has joined it.

        Raises:
            Refused: it is no keeper of ours, or used. EngineSaid: there is none.
        """
        is_known, is_used = keeper in self._is_used, self._is_used.get(keeper, False)
        self._is_used[keeper] = True  # before anything is awaited: another may ask meanwhile
        if is_used or (not is_known and not await self._is_unused_keeper(keeper)):
            raise Refused(f"NetworkMode: container {keeper[:12]} is no unused keeper of this proxy")

    def forget(self, container: str) -> None:
        """It is gone."""
        self._ours.pop(container, None)
        self._is_used.pop(container, None)

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

    async def _is_unused_keeper(self, container: str) -> bool:
        found = await self.inspect(container)
        labels = found.config.labels or {}
        if found.id != container or not self.is_ours(found):
            return False
        if labels.get(self._policy.shape.kind_label) != self._policy.shape.keeper_kind:
            return False
        joined = {"label": [f"{self._policy.shape.namespace_label}={container}"]}
        query = {"all": "1", "filters": json.dumps(joined)}
        return json.loads(await self._engine.ask("GET", "/containers/json", query)) == []
