"""Tells texts that can be stored and sent from those that only JSON can spell."""

import re
from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from fastflow.domain.manifest.problems import JsonPath, dotted

_UNSTORABLE: Final = re.compile(r"[\x00\ud800-\udfff]")
"""NUL, which no PostgreSQL column and no variable holds; half of a surrogate pair, which is no UTF-8."""


def unstorable_place(value: JsonValue) -> str | None:
    """Return where the first such text is, as `parameters.city[0]`; None: there is none."""
    for path, text in _texts(value):
        if _UNSTORABLE.search(text):
            return dotted(path) or "body"
    return None


def _texts(value: JsonValue) -> Iterator[tuple[JsonPath, str]]:
    waiting: list[tuple[JsonPath, JsonValue]] = [((), value)]
    while waiting:
        path, found = waiting.pop()
        if isinstance(found, str):
            yield path, found
        elif isinstance(found, list):
            waiting += [((*path, index), item) for index, item in enumerate(found)]
        elif isinstance(found, dict):
            for key, item in found.items():
                yield (*path, key), key
                waiting.append(((*path, key), item))
