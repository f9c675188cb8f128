"""Says in words for people what pydantic found wrong with a value."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import JsonValue
from pydantic_core import ErrorDetails

from fastflow.domain.manifest.fields import ADVISED
from fastflow.domain.manifest.problems import Fault, JsonPath

_SENSITIVE: Final = frozenset({"default_env", "encrypted_env", "webhook_key", "secrets", "notify"})
"""Fields whose values may be secrets: they are never repeated in a message."""
_LONGEST_ECHO: Final = 60

_Words = tuple[str, str | None]


def fault_of(error: ErrorDetails, document: JsonValue) -> Fault:
    """Turn one error of pydantic into a fault; `document` is what was validated."""
    path = _path_in(document, error["loc"])
    context: Mapping[str, Any] = error.get("ctx", {})
    if error["type"] == ADVISED:
        return Fault(path, str(context["message"]), str(context["remedy"]))
    echo = _echo(error["input"], is_sensitive=bool(path) and not _SENSITIVE.isdisjoint(path))
    word = _WORDING.get(error["type"])
    message, remedy = word(echo, context) if word else (error["msg"], None)
    if error["loc"] and error["loc"][-1] == "python_version" and isinstance(error["input"], int | float):
        remedy = "Put it in quotes: 3.10 without them is 3.1."
    return Fault(path, message, remedy)


def _path_in(document: JsonValue, location: tuple[int | str, ...]) -> JsonPath:
    """Leave out what pydantic adds to a location: names of types, of validators and of union members."""
    path: list[str | int] = []
    value: JsonValue = document
    for number, part in enumerate(location, start=1):
        is_last = number == len(location)
        if isinstance(value, dict) and isinstance(part, str) and (part in value or is_last):
            if part == "[key]":
                continue
            path.append(part)
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            path.append(part)
            value = value[part]
    return tuple(path)


def _echo(value: object, *, is_sensitive: bool) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if is_sensitive:
        return "text" if isinstance(value, str) else "a number"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_ECHO else text[:_LONGEST_ECHO] + "…"


def _expected(what: str, remedy: str) -> Callable[[str, Mapping[str, Any]], _Words]:
    return lambda echo, _: (f"{what} was expected, not {echo}", remedy)


def _bound(words: str, remedy: str, key: str) -> Callable[[str, Mapping[str, Any]], _Words]:
    return lambda echo, context: (f"{echo} is {words} {context[key]:g}", f"{remedy} {context[key]:g}.")


def _too_long(echo: str, context: Mapping[str, Any]) -> _Words:
    return f"{echo} is longer than {context['max_length']} characters", "Shorten it."


def _choice(echo: str, context: Mapping[str, Any]) -> _Words:
    return f"{echo} is not one of the words that are possible here", f"Write {context['expected']}."


def _tag(echo: str, context: Mapping[str, Any]) -> _Words:
    return f"its type {context['tag']!r} does not exist", f"Write {context['expected_tags']}."


_TEXT: Final = _expected("text", "Put it in double quotes.")
_WHOLE: Final = _expected("a whole number", "Write digits without quotes, such as 3600.")
_NUMBER: Final = _expected("a number", "Write digits without quotes, such as 0.5.")
_BOOLEAN: Final = _expected("true or false", "Write true or false, without quotes.")
_LIST: Final = _expected("a list", "Write [ … ].")
_OBJECT: Final = _expected("an object", "Write { … }.")

_WORDING: Final[Mapping[str, Callable[[str, Mapping[str, Any]], _Words]]] = {
    "string_type": _TEXT,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _BOOLEAN,
    "bool_parsing": _BOOLEAN,
    "list_type": _LIST,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "greater_than": _bound("not greater than", "Write a number greater than", "gt"),
    "greater_than_equal": _bound("less than", "The least possible is", "ge"),
    "less_than_equal": _bound("more than", "The most possible is", "le"),
    "string_too_long": _too_long,
    "too_long": lambda _, context: (
        f"there are more than {context['max_length']} entries",
        "Remove some.",
    ),
    "too_short": lambda _, context: (f"there are fewer than {context['min_length']} entries", "Add one."),
    "enum": _choice,
    "literal_error": _choice,
    "union_tag_invalid": _tag,
    "union_tag_not_found": lambda _, __: (
        'it has no "type"',
        'Write "type": "exponential_backoff", "fixed_delay" or "custom_schedule".',
    ),
    "missing": lambda _, __: ("it is missing", "Add it."),
}
"""By pydantic's type of error. A field that brings one not listed here keeps pydantic's own words."""
