"""Does each of the calls at the Engine, after it was held against the policy."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from pydantic import TypeAdapter

from fastflow.docker_proxy import answers
from fastflow.docker_proxy.bind_sources import BindSource, check_unmoved, resolve_again
from fastflow.docker_proxy.calls import (
    Act,
    Action,
    Call,
    Create,
    Find,
    Information,
    Inspect,
    InspectImage,
    Ping,
    Pull,
)
from fastflow.docker_proxy.create_body import parse_create_body
from fastflow.docker_proxy.engine import CALL_LIMIT, Engine, EngineSaid, Stream
from fastflow.docker_proxy.images import AllowedImages
from fastflow.docker_proxy.keepers import Keeper, admit_keeper, is_keeper
from fastflow.docker_proxy.mounts import admit_mounts
from fastflow.docker_proxy.ownership import Ownership
from fastflow.docker_proxy.policy import Policy
from fastflow.docker_proxy.rebuilding import STAMP, check_create, is_attempt, keeper_joined, rebuilt
from fastflow.docker_proxy.refusal import Refused
from fastflow.docker_proxy.strict_json import read_json

_CHANGE_LIMIT: Final = timedelta(seconds=60)
"""For starting and removing, which take long on a loaded host."""
_LIST: Final = TypeAdapter(list[answers.Listed])
_STREAMED: Final = {
    Action.ATTACH: ("POST", "/attach"),
    Action.WAIT: ("POST", "/wait"),
    Action.LOGS: ("GET", "/logs"),
    Action.STATS: ("GET", "/stats"),
}


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole answer."""

    status: int
    content: Any = None
    """JSON; None: no body."""
    version: tuple[int, int] | None = None
    """Of the Engine API; told with a ping."""


class Operations:
    """The calls of one policy at one Engine."""

    def __init__(self, engine: Engine, policy: Policy) -> None:
        self._engine = engine
        self._policy = policy
        self._ownership = Ownership(engine, policy)
        self._images = AllowedImages(engine, policy.images)

    @property
    def engine_address(self) -> str:
        """Where the Engine is looked for."""
        return self._engine.address

    @asynccontextmanager
    async def stream(self, call: Call) -> AsyncGenerator[Stream | None]:
        """Give the answer of a call that is answered bit by bit; None for one that is not.

        Raises:
            Refused, EngineSaid, EngineAway: nothing was sent yet.
        """
        match call:
            case Act(action, container, query) if action in _STREAMED:
                await self._ownership.check(container)
                method, word = _STREAMED[action]
                async with self._engine.open(
                    method, f"/containers/{container}{word}", _pairs(query)
                ) as stream:
                    yield stream
            case Pull(reference):
                self._images.check_name(reference)
                async with self._engine.open("POST", "/images/create", {"fromImage": reference}) as stream:
                    yield stream
            case _:
                yield None

    async def answer(self, call: Call, body: bytes) -> Answered:
        """Do a call that is answered at once.

        Raises:
            Refused, EngineSaid, EngineAway: as said there.
        """
        match call:
            case Ping():
                return Answered(200, version=await self._engine.ping())
            case Create(name):
                return Answered(201, await self._create(name, body))
            case Act(action, container, query):
                return await self._change(action, container, query)
            case _:
                return Answered(200, await self._look(call))

    async def _look(self, call: Call) -> Any:
        match call:
            case Information():
                return answers.Information.model_validate_json(
                    await self._engine.ask("GET", "/info")
                ).as_told()
            case Find(labels):
                return [container.as_ours() for container in await self._find(labels)]
            case Inspect(container):
                return await self._inspect(container)
            case InspectImage(reference):
                return {"Id": await self._images.id_now(reference)}
            case _:
                raise Refused("Fast-Flow makes no such request")

    async def _create(self, name: str, content: bytes) -> Any:
        value = read_json(content)
        if is_keeper(value, self._policy):
            return await self._create_keeper(name, admit_keeper(value, self._policy))
        body = parse_create_body(value)
        check_create(body, self._policy)
        image = await self._images.id_of(body.image)
        mounts = await asyncio.to_thread(
            admit_mounts, body.host_config.mounts, self._policy, is_attempt=is_attempt(body, self._policy)
        )
        if (keeper := keeper_joined(body)) is not None:
            await self._ownership.use_up(keeper)
        said = await self._engine.ask(
            "POST", "/containers/create", {"name": name}, rebuilt(body, self._policy, image, mounts)
        )
        container = answers.Created.model_validate_json(said).id
        self._ownership.remember(container, [mount.source for mount in mounts])
        return {"Id": container, "Warnings": []}

    async def _create_keeper(self, name: str, keeper: Keeper) -> Any:
        body = keeper.rebuilt(await self._images.id_of(keeper.image))
        said = await self._engine.ask("POST", "/containers/create", {"name": name}, body)
        container = answers.Created.model_validate_json(said).id
        self._ownership.remember_keeper(container)
        return {"Id": container, "Warnings": []}

    async def _change(self, action: Action, container: str, query: str) -> Answered:
        await self._ownership.check(container)
        path = f"/containers/{container}"
        match action:
            case Action.START:
                await asyncio.to_thread(check_unmoved, await self._promised(container))
                await self._engine.ask("POST", f"{path}/start", time_limit=_CHANGE_LIMIT)
            case Action.STOP:
                grace = timedelta(seconds=int(_pairs(query)["t"]))
                await self._engine.ask("POST", f"{path}/stop", _pairs(query), time_limit=grace + CALL_LIMIT)
            case Action.REMOVE:
                await self._engine.ask("DELETE", path, _pairs(query), time_limit=_CHANGE_LIMIT)
                self._ownership.forget(container)
            case _:
                raise Refused("Fast-Flow makes no such request")
        return Answered(204)

    async def _promised(self, container: str) -> list[BindSource]:
        """Return what the container will be given, also where an earlier proxy looked at it."""
        sources = self._ownership.sources_of(container)
        if sources is not None:
            return list(sources)
        found = await self._ownership.inspect(container)
        return await asyncio.to_thread(resolve_again, found.bind_sources)

    async def _find(self, labels: tuple[str, ...]) -> list[answers.Listed]:
        filters = json.dumps({"label": [*labels, f"{STAMP}={self._policy.name}"]})
        return _LIST.validate_json(
            await self._engine.ask("GET", "/containers/json", {"all": "1", "filters": filters})
        )

    async def _inspect(self, container: str) -> dict[str, Any]:
        found = await self._ownership.inspect(container)
        if self._ownership.is_ours(found):
            return found.as_ours()
        if self._policy.server_container and found.id == await self._server_id():
            return found.as_the_servers()
        raise Refused(
            f"container {container[:64]} was not created by this proxy; if it is the one that the server "
            "runs in, name it in FASTFLOW_PROXY_SERVER_CONTAINER"
        )

    async def _server_id(self) -> str | None:
        try:
            return (await self._ownership.inspect(self._policy.server_container)).id
        except EngineSaid:
            return None


def _pairs(query: str) -> dict[str, str]:
    """Read a query that was compared with ours, letter by letter."""
    return dict(pair.split("=") for pair in query.split("&") if pair)
