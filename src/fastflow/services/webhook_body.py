"""Reads what a webhook delivery brings: variables and parameters, or a payload for the run."""

from dataclasses import dataclass, field
from typing import Final, cast

from pydantic import JsonValue
from pydantic_core import from_json

from fastflow.domain.errors import Invalid
from fastflow.domain.text import unstorable_place
from fastflow.services.run_requests import Payload

_OURS: Final = frozenset({"env_vars", "parameters"})
_JSON: Final = "application/json"
_UNKNOWN_TYPE: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Brought:
    """What a run gets from a delivery's body."""

    variables: dict[str, str] = field(default_factory=dict[str, str])
    parameters: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    payload: Payload | None = None


def read_body(body: bytes, content_type: str | None) -> Brought:
    """Return what the body brings.

    A JSON object (`application/json`) of nothing but `env_vars` and `parameters` is those; every other body
    is the run's payload, byte for byte; no body is nothing.

    Raises:
        Invalid: `body_invalid`; `env_vars` or `parameters` is not what it has to be.
    """
    if not body:
        return Brought()
    ours = _ours(body, content_type)
    if ours is None:
        return Brought(payload=Payload((content_type or _UNKNOWN_TYPE)[:255], body))
    variables, parameters = ours.get("env_vars", {}), ours.get("parameters", {})
    problems = _problems_of(variables, parameters)
    if (place := unstorable_place(cast(JsonValue, ours))) is not None:
        problems[place[:80]] = "has a NUL or half of a surrogate pair in it"
    if problems:
        words = "; ".join(f"{name} {problem}" for name, problem in problems.items())
        raise Invalid("body_invalid", f"The body was refused: {words}.", problems)
    return Brought(cast(dict[str, str], variables), cast(dict[str, JsonValue], parameters))


def _ours(body: bytes, content_type: str | None) -> dict[str, JsonValue] | None:
    if (content_type or "").partition(";")[0].strip().lower() != _JSON:
        return None
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    document = cast(dict[str, JsonValue], value)
    return document if document.keys() <= _OURS else None


def _problems_of(variables: JsonValue, parameters: JsonValue) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not isinstance(parameters, dict):
        problems["parameters"] = f"has to be an object, not {_kind_of(parameters)}"
    if not isinstance(variables, dict):
        problems["env_vars"] = f"has to be an object, not {_kind_of(variables)}"
        return problems
    for name, value in variables.items():
        if not isinstance(value, str):
            problems[f"env_vars.{name[:80]}"] = f"has to be a string, not {_kind_of(value)}"
    return problems


def _kind_of(value: JsonValue) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case dict():
            return "an object"
