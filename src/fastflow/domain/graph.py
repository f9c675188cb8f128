"""The graph of pipelines: which one starts which, where it goes round, what it names in vain."""

import itertools
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fastflow.domain.chaining import routes_of
from fastflow.domain.manifest import DownstreamTrigger

MOST_CYCLES: Final = 100
"""What is listed; nobody mends more at once."""

Arrow = tuple[str, str]
Neighbours = Mapping[str, Sequence[str]]


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
class Graph:
    """All pipelines with what follows them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    cycles: tuple[tuple[str, ...], ...]
    """Each begins and ends with the same pipeline, the first of its names."""


def graph_of(nodes: Iterable[Node]) -> Graph:
    """Put the graph together; its order depends on names only."""
    ordered = tuple(sorted(nodes, key=lambda node: node.name))
    known = {node.name for node in ordered}
    edges = tuple(_edge(node, i, t, known) for node in ordered for i, t in enumerate(node.triggers))
    return Graph(ordered, edges, tuple(cycles_of({(e.upstream, e.downstream) for e in edges})))


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


def cycles_of(arrows: Iterable[Arrow]) -> list[tuple[str, ...]]:
    """Return cycles, each once, such that every arrow that is part of any cycle is part of one of them.

    There may be exponentially many others, made of the same arrows: to break those listed is to break all,
    or to see what is left the next time. `MOST_CYCLES` at most.
    """
    after = _neighbours(arrows)
    together = _strongly_connected(after)
    cycles: list[tuple[str, ...]] = []
    covered: set[Arrow] = set()
    for begin in sorted(after):
        for end in after[begin]:
            if together[begin] != together[end] or (begin, end) in covered:
                continue
            if len(cycles) == MOST_CYCLES:
                return sorted(cycles)
            cycle = _from_first_name(_shortest_way(after, together, end, begin))
            covered.update(itertools.pairwise(cycle))
            cycles.append(cycle)
    return sorted(cycles)


def _neighbours(arrows: Iterable[Arrow]) -> dict[str, list[str]]:
    after: dict[str, list[str]] = defaultdict(list)
    for begin, end in sorted(set(arrows)):
        after[begin].append(end)
        after.setdefault(end, [])
    return dict(after)


def _from_first_name(ring: Sequence[str]) -> tuple[str, ...]:
    """Turn a ring of names so that its first name begins it, and close it."""
    first = ring.index(min(ring))
    return (*ring[first:], *ring[:first], ring[first])


def _shortest_way(after: Neighbours, together: Mapping[str, int], begin: str, end: str) -> list[str]:
    """Return the names from `begin` to `end`, which is in the same component and so can be reached."""
    came_from: dict[str, str] = {begin: begin}
    waiting = deque([begin])
    while end not in came_from:
        name = waiting.popleft()
        for following in after[name]:
            if following not in came_from and together[following] == together[begin]:
                came_from[following] = name
                waiting.append(following)
    way = [end]
    while way[-1] != begin:
        way.append(came_from[way[-1]])
    return way[::-1]


def _strongly_connected(after: Neighbours) -> dict[str, int]:
    """Number the components within which each pipeline leads to each other one.

    Kosaraju's algorithm, without recursion: a chain may be longer than Python's stack is deep.
    """
    before = _neighbours_backwards(after)
    component: dict[str, int] = {}
    for root in reversed(list(_by_finish(after))):
        if root in component:
            continue
        number = len(component)
        component[root] = number
        waiting = [root]
        while waiting:
            for name in before[waiting.pop()]:
                if name not in component:
                    component[name] = number
                    waiting.append(name)
    return component


def _neighbours_backwards(after: Neighbours) -> dict[str, list[str]]:
    before: dict[str, list[str]] = {name: [] for name in after}
    for begin, ends in after.items():
        for end in ends:
            before[end].append(begin)
    return before


def _by_finish(after: Neighbours) -> Iterator[str]:
    """Yield each name when a depth-first search leaves it."""
    seen: set[str] = set()
    for root in after:
        if root in seen:
            continue
        seen.add(root)
        path = [(root, iter(after[root]))]
        while path:
            name, rest = path[-1]
            following = next((other for other in rest if other not in seen), None)
            if following is None:
                path.pop()
                yield name
            else:
                seen.add(following)
                path.append((following, iter(after[following])))
