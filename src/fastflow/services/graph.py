"""Shows how pipelines start each other, as their manifests say now."""

import asyncio
from typing import Final

from pydantic import TypeAdapter

from fastflow.domain.graph import Graph, Node, graph_of
from fastflow.domain.manifest import DownstreamTrigger
from fastflow.store import pipelines
from fastflow.store.database import Database
from fastflow.store.pipelines import Triggers

_TRIGGERS: Final = TypeAdapter(tuple[DownstreamTrigger, ...])


class PipelineGraph:
    """Computed from the stored pipelines, and again only when what they say of each other has changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[list[Triggers], Graph] | None = None

    async def current(self) -> Graph:
        """Return the graph of the pipelines whose folder exists.

        One whose manifest is wrong is drawn by its last valid one, which can still be run.

        Raises:
            Unavailable: `database_unavailable`.
        """
        rows = await self._database.read(pipelines.triggers)
        if self._known is None or self._known[0] != rows:
            # On a thread: there may be thousands of pipelines with a hundred triggers each.
            self._known = (rows, await asyncio.to_thread(lambda: graph_of(map(_node, rows))))
        return self._known[1]

    async def cycles(self) -> list[list[str]]:
        """Return the cycles among pipelines, each from its first name back to it.

        Raises:
            Unavailable: `database_unavailable`.
        """
        return [list(cycle) for cycle in (await self.current()).cycles]


def _node(row: Triggers) -> Node:
    return Node(row.name, row.is_valid, row.is_enabled, _TRIGGERS.validate_python(row.stored or ()))
