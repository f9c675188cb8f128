"""Finds every regular expression of our sources, and by which methods it is used."""

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final, cast

from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

import fastflow
from fastflow.api.app import create_app
from fastflow.api.deps import Services

SOURCES: Final = Path(fastflow.__file__).parent
METHODS: Final = frozenset({"fullmatch", "match", "search", "sub", "split", "findall", "finditer", "subn"})
_SCANNING: Final = METHODS - {"fullmatch", "match"}
_WORDS_OF: Final = {"said"}
"""Fields of our dataclasses that hold an expression as a text."""


@dataclass
class Expression:
    """One expression, where it was found first, and how it is used."""

    pattern: re.Pattern[Any]
    place: str
    methods: set[str] = field(default_factory=set[str])

    @property
    def uses(self) -> list[str]:
        """Return the kinds of use to try: whole, from the beginning, or from everywhere."""
        kinds = {"search" if method in _SCANNING else method for method in self.methods}
        return sorted(kinds or {"fullmatch", "match", "search"})


def expressions() -> list[Expression]:
    """Return all of them; imports all modules but the entry point and migrations."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCES.rglob("*.py"))}
    used = _uses_by_name(trees.values())
    found: dict[tuple[Any, int], Expression] = {}
    for path, tree in trees.items():
        module = _name_of(path)
        if module is None:
            continue
        here = [
            *_in_module(importlib.import_module(module), used, _methods_in(tree)),
            *((pattern, {method}) for pattern, method in _in_calls(tree)),
        ]
        for pattern, methods in here:
            key = (pattern.pattern, pattern.flags)
            expression = found.setdefault(key, Expression(pattern, str(path.relative_to(SOURCES))))
            expression.methods |= methods
    routes = create_app(cast("Services", None)).routes  # none of them is called
    for path in {str(context.path) for context in iter_route_contexts(list(routes))}:
        found[path, 0] = Expression(compile_path(path)[0], path, {"match"})
    return list(found.values())


def untold() -> list[str]:
    """Return where an expression is made of what can't be read from the source, but for known places."""
    found: list[str] = []
    for path in sorted(SOURCES.rglob("*.py")):
        for call in _calls(ast.parse(path.read_text(encoding="utf-8"))):
            inside_function = call.col_offset > 0 and not _is_readable(call.args[0])
            if inside_function and ast.unparse(call.args[0]) not in {"meaning.said", "pattern"}:
                found.append(f"{path.relative_to(SOURCES)}:{call.lineno}")
    return found


def _name_of(path: Path) -> str | None:
    parts = ("fastflow", *path.relative_to(SOURCES).with_suffix("").parts)
    if "migrations" in parts or parts[-1] in {"__main__", "init"}:
        return None
    return ".".join(parts).removesuffix(".__init__")


def _in_module(
    module: ModuleType, used: dict[str, set[str]], here: set[str]
) -> Iterator[tuple[re.Pattern[Any], set[str]]]:
    """Yield what a module holds; `here` is how it uses expressions that it hands around."""
    for name, value in vars(module).items():
        for pattern in _patterns_in(value):
            yield pattern, used.get(name, here)


def _methods_in(tree: ast.AST) -> set[str]:
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return attributes & METHODS - {"split"}  # which texts have, too


def _patterns_in(value: Any) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for each in value.values():  # pyright: ignore[reportUnknownVariableType] - whatever a module holds
            yield from _patterns_in(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:  # pyright: ignore[reportUnknownVariableType] - whatever a module holds
            yield from _patterns_in(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            held = getattr(value, each.name)
            yield from _patterns_in(re.compile(held) if each.name in _WORDS_OF else held)


def _uses_by_name(trees: Any) -> dict[str, set[str]]:
    """Return by which methods names are used, over all modules: `_NAME.fullmatch(…)`."""
    used: dict[str, set[str]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr=method) if method in METHODS:
                    used.setdefault(name, set()).add(method)
                case _:
                    pass
    return used


def _in_calls(tree: ast.AST) -> Iterator[tuple[re.Pattern[Any], str]]:
    for call in _calls(tree):
        match call:
            case ast.Call(
                func=ast.Attribute(attr=method), args=[ast.Constant(value=str() | bytes() as text), *_]
            ):
                yield re.compile(text), method
            case _:
                pass


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=method)) if method in METHODS:
                yield node
            case _:
                pass


def _is_readable(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Constant)
