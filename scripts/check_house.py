"""Checks the house rules that no linter knows: sizes, banned names, silenced findings."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("src", "tests", "scripts", "bench")
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
"""Docstring included; aim for 40 without it."""
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "data", "info", "misc"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError")
SILENCED = re.compile(r"#\s*(?:type:\s*ignore|noqa|pyright:\s*ignore)(?P<rule>[:\[]\s*\w)?")
"""A silenced finding has to name its rule."""
SKIPPED = re.compile(r"pytest\.(?:mark\.)?(?:skip(?!if)|xfail|importorskip)")
"""A missing prerequisite is installed or fails loudly; a test is never passed over."""


SQL_IN_SERVICES = re.compile(r"^\s*(?:from|import) sqlmodel\b(?! import Session$)")
"""A service composes queries of the store into one transaction; it knows the session and no SQL."""


def findings(path: Path) -> Iterator[str]:
    """Yield what is wrong with one file, with its place."""
    name = path.relative_to(ROOT)
    is_migration = "versions" in name.parts
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if len(lines) > LONGEST_FILE:
        yield f"{name}: {len(lines)} lines; over {LONGEST_FILE} it has told you where to cut"
    if path.stem in BANNED_NAMES:
        yield f"{name}: '{path.stem}' says nothing; name it after what it is responsible for"
    for number, line in enumerate(lines, start=1):
        if path != Path(__file__).resolve():
            yield from (f"{name}:{number}: {problem}" for problem in problems_of(line))
        if "services" in name.parts[:3] and SQL_IN_SERVICES.search(line):
            yield f"{name}:{number}: SQL in a service; write a query in store/ and call it"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION and not is_migration:
                yield f"{name}:{node.lineno}: {node.name}() has {length} lines, over {LONGEST_FUNCTION}"


def problems_of(line: str) -> Iterator[str]:
    """Yield what is wrong with one line."""
    if UNFINISHED.search(line):
        yield "unfinished; finish it, or file an issue"
    if SKIPPED.search(line):
        yield "a skipped test; install what it needs, or fail with the remedy"
    silenced = SILENCED.search(line)
    if silenced and not silenced["rule"]:
        yield "a silenced finding without the name of its rule"


def main() -> int:
    """Print every finding; return 1 if there is one."""
    files = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    found = [finding for path in files for finding in findings(path)]
    print("\n".join(found) if found else f"house rules: {len(files)} files, nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
