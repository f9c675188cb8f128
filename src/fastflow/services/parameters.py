"""Checks the parameters of a run against the JSON Schema that its manifest gives."""

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import JsonValue

from fastflow.domain.errors import Invalid
from fastflow.domain.manifest.problems import dotted
from fastflow.services.parameter_schemas import (
    SchemaTooComplex,
    Violation,
    check_parameter_schema,
    violations,
)

__all__ = ["check_parameter_schema", "validate_parameters"]

_LONGEST_ECHO: Final = 80
_DEEPEST_DEFAULTS: Final = 64


def validate_parameters(
    schema: Mapping[str, JsonValue], values: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """Return the parameters of a run: the values, and the schema's defaults for those left out.

    Raises:
        Invalid: `parameters_invalid`; `fields` says by `parameters.<name>` what was expected.
    """
    filled = _with_defaults(schema, values, depth=0)
    if check_parameter_schema(schema):
        raise _invalid({"parameters": "can't be checked: their schema in the manifest is not valid"})
    try:
        found = violations(schema, filled)
    except SchemaTooComplex:
        raise _invalid({"parameters": "can't be checked: their schema never comes to an end"}) from None
    problems: dict[str, str] = {}
    for violation in found:
        for field, problem in _problems_of(violation).items():
            problems.setdefault(field, problem)
    if problems:
        raise _invalid(problems)
    return filled


def _invalid(problems: Mapping[str, str]) -> Invalid:
    sentence = "; ".join(f"{field} {problem}" for field, problem in problems.items())
    return Invalid("parameters_invalid", f"The parameters were refused: {sentence}.", problems)


def _with_defaults(
    schema: Mapping[str, JsonValue], values: Mapping[str, JsonValue], *, depth: int
) -> dict[str, JsonValue]:
    filled = dict(values)
    properties = schema.get("properties")
    if not isinstance(properties, dict) or depth > _DEEPEST_DEFAULTS:
        return filled
    for name, part in properties.items():
        if not isinstance(part, dict):
            continue
        if name not in filled and "default" in part:
            filled[name] = copy.deepcopy(part["default"])
        value = filled.get(name)
        if isinstance(value, dict):
            filled[name] = _with_defaults(part, value, depth=depth + 1)
    return filled


def _problems_of(violation: Violation) -> dict[str, str]:
    place = ("parameters", *violation.path)
    if violation.keyword == "required":
        missing: list[str] = [name for name in violation.expected if name not in violation.value]
        return {dotted((*place, name)): "is required" for name in missing}
    if violation.keyword == "additionalProperties" and violation.expected is False:
        extra: list[str] = [name for name in violation.value if name not in violation.known]
        there_are = f"there are {', '.join(violation.known)}" if violation.known else "there are none"
        return {dotted((*place, name)): f"is not a parameter; {there_are}" for name in extra}
    word = _WORDING.get(violation.keyword)
    problem = word(violation.expected) if word else violation.message[:200]
    return {dotted(place): f"{problem}, got {_echo(violation.value)}"}


def _echo(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_ECHO else text[:_LONGEST_ECHO] + "…"


def _type(expected: Any) -> str:
    return f"must be {expected if isinstance(expected, str) else ' or '.join(expected)}"


_WORDING: Final[Mapping[str, Callable[[Any], str]]] = {
    "type": _type,
    "enum": lambda choices: f"must be one of {_echo(choices)}",
    "const": lambda value: f"must be {_echo(value)}",
    "minimum": lambda bound: f"must be at least {bound}",
    "maximum": lambda bound: f"must be at most {bound}",
    "exclusiveMinimum": lambda bound: f"must be more than {bound}",
    "exclusiveMaximum": lambda bound: f"must be less than {bound}",
    "multipleOf": lambda step: f"must be a multiple of {step}",
    "minLength": lambda length: f"must have at least {length} characters",
    "maxLength": lambda length: f"must have at most {length} characters",
    "minItems": lambda count: f"must have at least {count} entries",
    "maxItems": lambda count: f"must have at most {count} entries",
    "pattern": lambda pattern: f"must match {_echo(pattern)}",
    "format": lambda name: f"must be a valid {name}",
}
"""By the schema's keyword. Others keep the words of `jsonschema`."""
