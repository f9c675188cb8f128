"""`fastflow graph`: which pipeline starts which, as a tree."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypedDict, cast

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.options import DEFAULT_SERVER, JsonOption, ServerOption, examples
from fastflow.cli.output import emit, emit_json, printable, say
from fastflow.cli.session import ask

if TYPE_CHECKING:
    from fastflow.cli.client import Client

EXAMPLES = examples("fastflow graph", "fastflow graph --dot | dot -Tsvg > graph.svg", "fastflow graph --json")


class GraphPipelineAnswer(TypedDict):
    """A pipeline of the graph."""

    name: str
    is_valid: bool
    is_enabled: bool


EdgeAnswer = TypedDict(
    "EdgeAnswer",
    {
        "from": str,
        "to": str,
        "on_success": bool,
        "on_failure": bool,
        "on_routes": list[str] | None,
        "run_config_id": str | None,
        "is_known": bool,
    },
)


class GraphAnswer(TypedDict):
    """Which pipeline starts which."""

    pipelines: list[GraphPipelineAnswer]
    edges: list[EdgeAnswer]
    cycles: list[list[str]]


class _Place(NamedTuple):
    """One line of the tree that is to be written."""

    name: str
    told: str
    """When it starts, after the pipeline above it."""
    indent: str
    branch: str
    above: frozenset[str]


def graph(
    as_dot: Annotated[bool, typer.Option("--dot", help="Print Graphviz' language.")] = False,
    as_json: JsonOption = False,
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Show which pipeline starts which, and where that goes round in a circle."""
    if as_dot and as_json:
        raise CommandFailed(ExitCode.USAGE, "--dot and --json exclude each other.")

    async def work(client: "Client") -> GraphAnswer:
        return cast(GraphAnswer, await client.get("api/graph"))

    found = ask(server, work)
    if as_json:
        emit_json(found)
    elif as_dot:
        for line in _dot(found):
            emit(line)
    else:
        _emit_tree(found)


def _emit_tree(found: GraphAnswer) -> None:
    if not found["edges"]:
        say("No pipeline starts another. A manifest's `downstream_triggers` says what follows it.")
        return
    for line in _tree(found):
        emit(printable(line))
    chained = {name for edge in found["edges"] for name in (edge["from"], edge["to"])}
    alone = [pipeline["name"] for pipeline in found["pipelines"] if pipeline["name"] not in chained]
    if alone:
        emit("")
        emit(f"neither starts nor follows another: {', '.join(alone)}")
    if found["cycles"]:
        emit("")
        for cycle in found["cycles"]:
            emit(printable(f"goes round: {' → '.join(cycle)}"))


def _tree(found: GraphAnswer) -> Iterator[str]:
    """Yield the lines: every root with what follows it; a pipeline's followers are written once."""
    following: dict[str, list[EdgeAnswer]] = defaultdict(list)
    for edge in found["edges"]:
        following[edge["from"]].append(edge)
    states = {pipeline["name"]: _state(pipeline) for pipeline in found["pipelines"]}
    written: set[str] = set()
    stack = [_Place(name, "", "", "", frozenset()) for name in reversed(_roots(found, following))]
    while stack:
        place = stack.pop()
        name = place.name
        if name in place.above:
            note = " ↺ goes round"
        elif name in written and following[name]:
            note = " … as above"
        else:
            note = ""
        yield f"{place.indent}{place.branch}{place.told}{name}{states.get(name, ' (no such pipeline)')}{note}"
        if note or name in written:
            continue
        written.add(name)
        stack.extend(reversed(list(_below(place, following[name]))))


def _below(place: _Place, edges: Sequence[EdgeAnswer]) -> Iterator[_Place]:
    # What a branch leaves open below it: the trunk goes on, or has ended.
    indent = place.indent + {"": "", "├─ ": "│  ", "└─ ": "   "}[place.branch]
    for index, edge in enumerate(edges):
        branch = "└─ " if index == len(edges) - 1 else "├─ "
        yield _Place(edge["to"], f"{_condition(edge)} → ", indent, branch, place.above | {place.name})


def _roots(found: GraphAnswer, following: Mapping[str, list[EdgeAnswer]]) -> list[str]:
    """Return what nothing starts, and of circles that nothing leads into the first name."""
    started = {edge["to"] for edge in found["edges"]}
    roots = [name for name in sorted(following) if name not in started]
    reached = _reachable(roots, following)
    for name in sorted(following):
        if name not in reached:
            roots.append(name)
            reached |= _reachable([name], following)
    return roots


def _reachable(names: Iterable[str], following: Mapping[str, list[EdgeAnswer]]) -> set[str]:
    reached: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left += [edge["to"] for edge in following.get(name, ())]
    return reached


def _condition(edge: EdgeAnswer) -> str:
    ends = [word for word, is_meant in _ends(edge) if is_meant]
    routes = edge["on_routes"]
    chosen = f", route {' or '.join(routes)}" if routes else ""
    settings = f", as {edge['run_config_id']}" if edge["run_config_id"] else ""
    return f"{' or '.join(ends) or 'never'}{chosen}{settings}"


def _ends(edge: EdgeAnswer) -> tuple[tuple[str, bool], ...]:
    return ("success", edge["on_success"]), ("failure", edge["on_failure"])


def _state(pipeline: GraphPipelineAnswer) -> str:
    if not pipeline["is_valid"]:
        return " (invalid)"
    return "" if pipeline["is_enabled"] else " (disabled)"


def _dot(found: GraphAnswer) -> Iterator[str]:
    yield "digraph pipelines {"
    yield "  rankdir=LR;"
    for pipeline in found["pipelines"]:
        style = " [style=dashed]" if _state(pipeline) else ""
        yield f"  {_quoted(pipeline['name'])}{style};"
    for edge in found["edges"]:
        ends = f"{_quoted(edge['from'])} -> {_quoted(edge['to'])}"
        yield f"  {ends} [label={_quoted(_condition(edge))}];"
    yield "}"


def _quoted(text: str) -> str:
    # Graphviz' strings are escaped as JSON's where only quotes and backslashes need it.
    return json.dumps(printable(text), ensure_ascii=False)
