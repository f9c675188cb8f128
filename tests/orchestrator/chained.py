"""Chains of pipelines on a world, and one look of the chain at all that has happened."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastflow.domain.run import RunStatus
from fastflow.store import events
from fastflow.store.runs import RunFilter
from fastflow.store.tables import RunRow
from tests.plugins.world import Instance, World

Start = Callable[..., Awaitable[Instance]]


def follows(*triggers: str | Mapping[str, object], **fields: object) -> str:
    """Return a manifest with these triggers: names, or objects as they are written."""
    written = [{"pipeline": trigger} if isinstance(trigger, str) else trigger for trigger in triggers]
    return json.dumps({"downstream_triggers": written, **fields})


async def finished(server: Instance, world: World, pipeline: str = "up", exit_code: int = 0) -> str:
    """Let a run of that pipeline end; return its id."""
    world.executor.script(pipeline, exit_code=exit_code)
    run_id = await server.trigger(pipeline)
    await server.claim_all()
    await server.worker.join()
    return run_id


async def chained(server: Instance) -> None:
    """Let the chain begin where it stopped and deal with all that has happened since."""
    chain = server.parts.chain
    position = await chain.begin()
    await chain.tick(await server.database.read(lambda session: events.after(session, position, 10_000)))


async def followers(server: Instance, run_id: str) -> Sequence[RunRow]:
    """Return the runs that follow a run, oldest first."""
    page, _ = await server.runs.page(RunFilter(upstream_run_id=run_id), 500, None)
    return page[::-1]


async def names(server: Instance, run_id: str) -> list[str]:
    """Return the pipelines of the runs that follow a run and were accepted."""
    return [
        run.pipeline_name for run in await followers(server, run_id) if run.status is not RunStatus.SKIPPED
    ]
