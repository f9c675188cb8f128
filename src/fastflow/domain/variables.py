"""The variables that a trigger may bring along, and what is refused."""

from collections.abc import Mapping
from typing import Final

from fastflow.domain.limits import format_bytes
from fastflow.domain.names import is_variable_name

MAX_VARIABLES: Final = 50
MAX_VALUE_BYTES: Final = 16 * 1024
RESERVED_PREFIX: Final = "FASTFLOW_"


def problems_of(variables: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong, by field (`env_vars.NAME`); empty where all is well."""
    problems: dict[str, str] = {}
    if len(variables) > MAX_VARIABLES:
        problems["env_vars"] = (
            f"has {len(variables)} entries; at most {MAX_VARIABLES} are allowed. "
            "Hand larger inputs over as a parameter or a file."
        )
    for name, value in variables.items():
        problem = _problem_of(name, value)
        if problem:
            problems[f"env_vars.{name[:80]}"] = problem
    return problems


def _problem_of(name: str, value: str) -> str | None:
    if not is_variable_name(name):
        return "is not a variable name; use letters, digits and _, not starting with a digit"
    if name.startswith(RESERVED_PREFIX):
        return f"is reserved: names that start with {RESERVED_PREFIX} are set by Fast-Flow"
    if "\0" in value:
        return "contains a NUL character, which no environment variable can hold"
    size = len(value.encode("utf-8", "surrogatepass"))
    if size > MAX_VALUE_BYTES:
        return f"is {format_bytes(size)} long; at most {format_bytes(MAX_VALUE_BYTES)} are allowed"
    return None
