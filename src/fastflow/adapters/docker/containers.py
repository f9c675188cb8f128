"""The calls about containers that we make, with typed answers."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pydantic import TypeAdapter

from fastflow.adapters.docker.engine import CALL_LIMIT, Answer, Engine
from fastflow.adapters.docker.engine_types import Container, Created, Exited, Listed, Stats
from fastflow.domain.errors import Conflict, FastFlowError, NotFound

_START_LIMIT: Final = timedelta(seconds=60)
"""Many starts at once on a loaded host take long; the Engine serves them one after the other."""
_REMOVE_LIMIT: Final = timedelta(seconds=60)
_LIST: Final = TypeAdapter(list[Listed])


@dataclass(frozen=True, slots=True)
class Containers:
    """Containers of one Engine. Errors are those of `Engine.call`."""

    engine: Engine

    async def create(self, name: str, body: Mapping[str, object]) -> str:
        """Create a container of that unique name; return its id. Who is cancelled here leaves none."""
        creating = asyncio.create_task(self._create(name, body))
        try:
            return await asyncio.shield(creating)
        except asyncio.CancelledError:
            # The Engine goes on creating when a client leaves, and only its answer tells the id.
            with suppress(FastFlowError):
                await self.remove(await creating)
            raise

    async def start(self, container: str) -> None:
        """Start it."""
        await self.engine.call("POST", f"/containers/{container}/start", time_limit=_START_LIMIT)

    async def attach(self, container: str) -> Answer:
        """Return its output from now on, framed."""
        query = {"stream": 1, "stdout": 1, "stderr": 1}
        return await self.engine.open("POST", f"/containers/{container}/attach", query=query)

    async def logs(self, container: str, *, is_following: bool) -> Answer:
        """Return its output from the beginning, framed, each message stamped."""
        query = {"stdout": 1, "stderr": 1, "timestamps": 1, "follow": int(is_following)}
        return await self.engine.open("GET", f"/containers/{container}/logs", query=query)

    async def wait(self, container: str, *, is_unstarted: bool = False) -> Answer:
        """Return an answer that is headers only until it stops; `exit_code_of` reads the rest.

        `is_unstarted`: it will be started after this returns; the headers mean that the Engine listens.
        """
        query = {"condition": "next-exit" if is_unstarted else "not-running"}
        return await self.engine.open("POST", f"/containers/{container}/wait", query=query)

    async def inspect(self, container: str) -> Container:
        """Return all about it."""
        return Container.model_validate_json(
            await self.engine.call("GET", f"/containers/{container}/json"),
        )

    async def list(self, labels: Mapping[str, str]) -> list[Listed]:
        """List the containers with all these labels, whether they run or not."""
        filters = {"label": [f"{name}={value}" for name, value in labels.items()]}
        query = {"all": 1, "filters": json.dumps(filters)}
        return _LIST.validate_json(await self.engine.call("GET", "/containers/json", query=query))

    async def stop(self, container: str, grace: timedelta) -> None:
        """Ask it to end, and end it after the grace (whole seconds, rounded up). Ended already is fine."""
        query = {"t": math.ceil(grace.total_seconds())}
        await self.engine.call(
            "POST", f"/containers/{container}/stop", query=query, time_limit=grace + CALL_LIMIT
        )

    async def remove(self, container: str) -> bool:
        """Kill and delete it with its anonymous volumes; return False where another does that already."""
        try:
            query = {"force": 1, "v": 1}
            await self.engine.call(
                "DELETE", f"/containers/{container}", query=query, time_limit=_REMOVE_LIMIT
            )
        except NotFound:
            return True
        except Conflict:  # "removal of container … is already in progress"
            return False
        return True

    async def _create(self, name: str, body: Mapping[str, object]) -> str:
        answer = await self.engine.call("POST", "/containers/create", query={"name": name}, body=body)
        return Created.model_validate_json(answer).id

    async def stats(self, container: str) -> AsyncIterator[Stats]:
        """Yield what it uses, once a second; after its end the Engine sends nothing useful."""
        query = {"stream": 1}
        async with await self.engine.open("GET", f"/containers/{container}/stats", query=query) as answer:
            async for line in answer.lines():
                yield Stats.model_validate_json(line)


async def exit_code_of(waiting: Answer) -> int:
    """Read the rest of `Containers.wait`.

    Raises:
        Unavailable: the connection ended before the container did.
    """
    async with waiting:
        return Exited.model_validate_json(await waiting.read()).exit_code
