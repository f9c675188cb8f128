"""The graph of pipelines: which one starts which, where it goes round, what it names in vain."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fastflow.domain.actor import Actor
from fastflow.domain.chaining import LONGEST_CHAIN, routes_of
from fastflow.domain.cycles import cycles_of
from fastflow.domain.manifest import DownstreamTrigger, Problem, Severity

_SHOWN: Final = 12
"""Names of a cycle that a sentence can bear."""


@dataclass(frozen=True, slots=True)
class Node:
    """A pipeline, as the graph shows it."""

    name: str
    is_valid: bool
    is_enabled: bool
    triggers: tuple[DownstreamTrigger, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """One of a pipeline's `downstream_triggers`."""

    upstream: str
    downstream: str
    index: int
    """Its place in the list of the manifest."""
    on_success: bool
    on_failure: bool
    on_routes: tuple[str, ...] | None
    """None: whatever the route."""
    run_config_id: str | None
    is_known: bool
    """Whether there is a pipeline of that name to start."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is next to one pipeline."""

    upstream: tuple[str, ...] = ()
    """The pipelines that start it, by name."""
    downstream: tuple[str, ...] = ()
    """Those that it starts, by name, the unknown ones too."""
    warnings: tuple[Problem, ...] = ()
    """What is wrong with its triggers in view of the other pipelines."""

    def seen_by(self, actor: Actor) -> "Surroundings":
        """Return what is left of it for somebody who may know of some pipelines only.

        The warnings go: they name others, and say whether there are these.
        """
        if actor.pipelines is None:
            return self
        upstream, downstream = filter(actor.may_see, self.upstream), filter(actor.may_see, self.downstream)
        return Surroundings(tuple(upstream), tuple(downstream))


@dataclass(frozen=True, slots=True)
class Graph:
    """All pipelines with what follows them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    cycles: tuple[tuple[str, ...], ...]
    """Each begins and ends with the same pipeline, the first of its names."""
    surroundings: Mapping[str, Surroundings]

    def around(self, name: str) -> Surroundings:
        """Return what is next to that pipeline; nothing where it is in no graph yet."""
        return self.surroundings.get(name, _ALONE)


_ALONE: Final = Surroundings()


def graph_of(nodes: Iterable[Node]) -> Graph:
    """Put the graph together; its order depends on names only."""
    ordered = tuple(sorted(nodes, key=lambda node: node.name))
    known = {node.name for node in ordered}
    edges = tuple(_edge(node, i, t, known) for node in ordered for i, t in enumerate(node.triggers))
    cycles = tuple(cycles_of((edge.upstream, edge.downstream) for edge in edges))
    return Graph(ordered, edges, cycles, _surroundings(edges, cycles))


def _edge(node: Node, index: int, trigger: DownstreamTrigger, known: set[str]) -> Edge:
    return Edge(
        upstream=node.name,
        downstream=trigger.pipeline,
        index=index,
        on_success=trigger.on_success,
        on_failure=trigger.on_failure,
        on_routes=None if trigger.on_route is None else routes_of(trigger),
        run_config_id=trigger.run_config_id,
        is_known=trigger.pipeline in known,
    )


def _surroundings(edges: Iterable[Edge], cycles: Iterable[tuple[str, ...]]) -> dict[str, Surroundings]:
    upstream: dict[str, set[str]] = defaultdict(set)
    downstream: dict[str, set[str]] = defaultdict(set)
    warnings: dict[str, list[Problem]] = defaultdict(list)
    for edge in edges:
        upstream[edge.downstream].add(edge.upstream)
        downstream[edge.upstream].add(edge.downstream)
        if not edge.is_known:
            warnings[edge.upstream].append(_unknown(edge))
    for cycle in cycles:
        warning = _going_round(cycle)
        for name in cycle[:-1]:
            warnings[name].append(warning)
    return {
        name: Surroundings(
            tuple(sorted(upstream[name])), tuple(sorted(downstream[name])), tuple(warnings[name])
        )
        for name in {*upstream, *downstream}
    }


def _unknown(edge: Edge) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        field=f"downstream_triggers[{edge.index}].pipeline",
        message=f"there is no pipeline {edge.downstream!r} to start",
        remedy="Add it, or correct the name.",
    )


def _going_round(cycle: tuple[str, ...]) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        field="downstream_triggers",
        message=f"it leads back to itself: {' → '.join(_shortened(cycle))}",
        remedy=f"Remove one of these triggers. Where a route or a failure ends the round, leave it: "
        f"a chain is cut after {LONGEST_CHAIN} runs.",
    )


def _shortened(cycle: tuple[str, ...]) -> tuple[str, ...]:
    return cycle if len(cycle) <= _SHOWN else (*cycle[: _SHOWN - 2], "…", cycle[-1])
