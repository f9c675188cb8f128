"""Finds the cycles among pipelines that start each other."""

import itertools
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

MOST_CYCLES: Final = 100
"""What is listed; nobody mends more at once."""
MOST_STEPS: Final = 200_000
"""Arrows that are followed in search of them: thousands of pipelines may start a hundred each."""

Arrow = tuple[str, str]
_Neighbours = Mapping[str, Sequence[str]]


def cycles_of(arrows: Iterable[Arrow]) -> list[tuple[str, ...]]:
    """Return cycles, each once, such that every arrow that is part of any cycle is part of one of them.

    There may be exponentially many others, made of the same arrows: to break those listed is to break all,
    or to see what is left the next time. `MOST_CYCLES` at most, and of a huge tangle only as many as are
    found within `MOST_STEPS`, but one at least.
    """
    after = _neighbours(arrows)
    together = _strongly_connected(after)
    cycles: list[tuple[str, ...]] = []
    covered: set[Arrow] = set()
    steps = 0
    for begin in sorted(after):
        for end in after[begin]:
            if together[begin] != together[end] or (begin, end) in covered:
                continue
            if len(cycles) == MOST_CYCLES or steps > MOST_STEPS:
                return sorted(cycles)
            way, taken = _shortest_way(after, together, end, begin)
            cycle = _from_first_name(way)
            covered.update(itertools.pairwise(cycle))
            cycles.append(cycle)
            steps += taken
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


def _shortest_way(
    after: _Neighbours, together: Mapping[str, int], begin: str, end: str
) -> tuple[list[str], int]:
    """Return the names from `begin` to `end`, which is in the same component and so can be reached.

    With them the number of arrows that were looked at.
    """
    came_from: dict[str, str] = {begin: begin}
    waiting = deque([begin])
    steps = 0
    while end not in came_from:
        name = waiting.popleft()
        steps += len(after[name])
        for following in after[name]:
            if following not in came_from and together[following] == together[begin]:
                came_from[following] = name
                waiting.append(following)
    way = [end]
    while way[-1] != begin:
        way.append(came_from[way[-1]])
    return way[::-1], steps


def _strongly_connected(after: _Neighbours) -> dict[str, int]:
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


def _neighbours_backwards(after: _Neighbours) -> dict[str, list[str]]:
    before: dict[str, list[str]] = {name: [] for name in after}
    for begin, ends in after.items():
        for end in ends:
            before[end].append(begin)
    return before


def _by_finish(after: _Neighbours) -> Iterator[str]:
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
