"""Checks the JSON Schema of a pipeline's parameters, and applies it within bounds.

A schema comes from a repository, its values from whoever may trigger: neither may reach the network or keep
the server busy. So: no remote references, regular expressions of linear time, a bounded number of steps.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic import JsonValue
from pydantic_core import SchemaError, SchemaValidator, core_schema

from fastflow.domain.manifest.problems import JsonPath

if TYPE_CHECKING:
    from jsonschema import ValidationError

MOST_REFERENCES: Final = 10_000
"""Followed in one validation. Schemas that refer to themselves can double the work with each line."""
_ONE: Final = (
    "additionalProperties",
    "contains",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
)
_MANY: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED: Final = ("$defs", "definitions", "dependentSchemas", "properties")
_REFUSED: Final = {
    "$dynamicRef": "Use $ref with a place in this schema, such as #/$defs/city.",
    "$id": "Remove it; references within this schema work without.",
    "patternProperties": "Name each parameter in `properties`.",
}


class SchemaTooComplex(Exception):
    """Applying the schema takes too many steps, or never ends."""


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """What is wrong with a schema; `path` leads to the culprit from the schema's top."""

    path: JsonPath
    message: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Violation:
    """A value that breaks the schema."""

    path: JsonPath
    keyword: str
    """Of the schema: what was broken."""
    expected: Any
    """What the schema says under that keyword."""
    value: Any
    known: tuple[str, ...]
    """The names of the properties that the schema knows at this place."""
    message: str


def check_parameter_schema(schema: Mapping[str, JsonValue]) -> list[SchemaProblem]:
    """Return what is wrong with the schema of a pipeline's parameters; empty where nothing is."""
    from jsonschema import Draft202012Validator

    meta: Any = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    errors = [_violation(error) for error in meta.iter_errors(dict(schema))]
    if errors:
        # Each of the dialect's vocabularies complains about one and the same place.
        by_path = {error.path: error for error in reversed(errors)}
        return [SchemaProblem(path, _meta_message(error), _META_REMEDY) for path, error in by_path.items()]
    found: list[SchemaProblem] = []
    if schema.get("type", "object") != "object":
        found.append(SchemaProblem(("type",), "parameters are always an object", 'Write "type": "object".'))
    parts = dict(_subschemas(schema, ()))
    places = {"/".join(("#", *(_escaped(str(part)) for part in path))) for path in parts}
    for path, part in parts.items():
        found += _check_part(path, part, places)
    return found


def violations(schema: Mapping[str, JsonValue], values: Mapping[str, JsonValue]) -> list[Violation]:
    """Return how the values break the schema, which `check_parameter_schema` found nothing wrong with.

    Raises:
        SchemaTooComplex: it refers to itself without end, or the values are nested too deeply.
    """
    try:
        return [_violation(error) for error in _validator(schema).iter_errors(dict(values))]
    except RecursionError as error:
        raise SchemaTooComplex from error


_META_REMEDY: Final = "See json-schema.org, draft 2020-12."


def _violation(error: "ValidationError") -> Violation:
    raw: Any = error
    schema: object = raw.schema
    properties: object = (
        cast("dict[str, object]", schema).get("properties") if isinstance(schema, dict) else None
    )
    known = tuple(cast("dict[str, object]", properties)) if isinstance(properties, dict) else ()
    path = tuple(error.absolute_path)
    return Violation(path, raw.validator, raw.validator_value, raw.instance, known, error.message)


def _meta_message(error: Violation) -> str:
    if error.keyword == "type":
        types = error.expected if isinstance(error.expected, str) else " or ".join(error.expected)
        return f"it must be of type {types}"
    if error.path and error.path[-1] == "type":
        return "it is not a type; there are array, boolean, integer, null, number, object and string"
    return error.message[:200]


def _check_part(path: JsonPath, part: Mapping[str, JsonValue], places: set[str]) -> Iterator[SchemaProblem]:
    for keyword, remedy in _REFUSED.items():
        if keyword in part:
            yield SchemaProblem((*path, keyword), "this keyword is not possible here", remedy)
    reference, pattern = part.get("$ref"), part.get("pattern")
    if isinstance(reference, str) and reference not in places:
        remedy = "Only places in this schema can be referred to, such as #/$defs/city."
        yield SchemaProblem((*path, "$ref"), f"{reference[:80]!r} leads nowhere", remedy)
    if isinstance(pattern, str) and not _is_pattern(pattern):
        remedy = "Look-around and back-references are not possible, for they can take for ever."
        yield SchemaProblem((*path, "pattern"), f"{pattern[:80]!r} is not a regular expression here", remedy)


def _subschemas(
    schema: Mapping[str, JsonValue], path: JsonPath
) -> Iterator[tuple[JsonPath, Mapping[str, JsonValue]]]:
    yield path, schema
    below: list[tuple[JsonPath, JsonValue]] = [((*path, key), schema.get(key)) for key in _ONE]
    for key in _MANY:
        parts = schema.get(key)
        if isinstance(parts, list):
            below += [((*path, key, index), part) for index, part in enumerate(parts)]
    for key in _NAMED:
        named = schema.get(key)
        if isinstance(named, dict):
            below += [((*path, key, name), part) for name, part in named.items()]
    for place, part in below:
        if isinstance(part, dict):
            yield from _subschemas(part, place)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")  # RFC 6901


def _matches(pattern: str, text: str) -> bool:
    # Not `re`: the engine of pydantic-core takes linear time, whatever pattern and text.
    return SchemaValidator(core_schema.str_schema(pattern=pattern)).isinstance_python(text)


def _is_pattern(pattern: str) -> bool:
    try:
        _matches(pattern, "")
    except SchemaError:
        return False
    return True


def _validator(schema: Mapping[str, JsonValue]) -> Any:
    # Imported here because it takes as long as the rest of the server's start, and most need it never.
    from jsonschema import Draft202012Validator, ValidationError, validators
    from referencing import Registry

    followed = itertools.count(1)
    follow = Draft202012Validator.VALIDATORS["$ref"]

    def reference(
        validator: Any, target: str, instance: object, part: Mapping[str, Any]
    ) -> Iterator["ValidationError"]:
        if next(followed) > MOST_REFERENCES:
            raise SchemaTooComplex
        yield from follow(validator, target, instance, part)

    def pattern(
        _validator: Any, pattern: str, instance: object, _part: Mapping[str, Any]
    ) -> Iterator["ValidationError"]:
        if isinstance(instance, str) and not _matches(pattern, instance):
            yield ValidationError(f"{instance!r} does not match {pattern!r}")

    empty: Registry[object] = Registry()
    extend = cast("Any", validators).extend  # has no types
    bounded = extend(Draft202012Validator, {"$ref": reference, "pattern": pattern})
    return bounded(dict(schema), registry=empty, format_checker=Draft202012Validator.FORMAT_CHECKER)
