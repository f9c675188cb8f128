"""Secrets: what may be one, which of them a run receives, and why a run could not receive them."""

from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import TypeAdapter

from fastflow.domain.errors import FastFlowError
from fastflow.domain.limits import format_bytes
from fastflow.domain.manifest import Problem, Severity
from fastflow.domain.names import is_variable_name
from fastflow.domain.outcome import Blame
from fastflow.domain.variables import MAX_VALUE_BYTES, RESERVED_PREFIX

SHORTEST: Final = 4
"""Characters. Shorter values are refused: to mask them would make any log unreadable."""
MASK: Final = "***"
"""What stands in a log instead of a value."""

_VALUES: Final = TypeAdapter(list[str])


class SecretsUnavailable(FastFlowError):
    """A run can't have the secrets that it was promised; it is not started."""

    def __init__(self, code: str, message: str, blame: Blame) -> None:
        super().__init__(code, message)
        self.blame = blame


def name_problem(name: str) -> str | None:
    """Return why that can't be the name of a secret, which is the name of its variable too."""
    if not is_variable_name(name):
        return "is not a variable name; use letters, digits and _, not starting with a digit"
    if name.startswith(RESERVED_PREFIX):
        return f"is reserved: names that start with {RESERVED_PREFIX} are set by Fast-Flow"
    return None


def value_problem(value: str) -> str | None:
    """Return why that can't be a secret's value, without a word of it: what can't be masked is none."""
    if "\0" in value:
        return "contains a NUL character, which no environment variable can hold"
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        return "contains half a character (a lone surrogate)"
    if size > MAX_VALUE_BYTES:
        return f"is {format_bytes(size)} long; at most {format_bytes(MAX_VALUE_BYTES)} are allowed"
    if not maskable_lines(value):
        return (
            f"has no line of {SHORTEST} characters that are not all the same, so it can't be hidden in logs; "
            "make it longer, or use a plain variable (`default_env`)"
        )
    if MASK in value:
        return f"contains {MASK}, which is how hidden values are shown"
    return None


def maskable_lines(value: str) -> list[str]:
    """Return the lines of a value, without the blanks around them, that are long enough to be hidden."""
    # Both kinds of line ends, alone and together; a log breaks lines at \n only.
    lines = {part.strip() for line in value.split("\n") for part in (line, *line.split("\r"))}
    return sorted(line for line in lines if len(line) >= SHORTEST and len(set(line)) > 1)


def missing_sentence(missing: Sequence[str], pipeline: str) -> str:
    """Say that listed secrets are not there, and what to do."""
    names = ", ".join(missing)
    which = f"secret {names} does not exist" if len(missing) == 1 else f"secrets {names} do not exist"
    return (
        f"Not started: the {which}, which `secrets` in pipeline.json lists. Store it with "
        f"`fastflow secrets set {missing[0]} --pipeline {pipeline}` (without --pipeline: for all), "
        "or take it off the list."
    )


def missing_warning(name: str, pipeline: str) -> Problem:
    """Return what to say of a secret that a manifest lists and that is not there, before a run fails."""
    return Problem(
        severity=Severity.WARNING,
        field="secrets",
        message=f"there is no secret {name}: its runs will not be started",
        remedy=f"Store it with `fastflow secrets set {name} --pipeline {pipeline}` (without --pipeline: for "
        "all), or take it off the list.",
    )


def values_as_text(values: Iterable[str]) -> str:
    """Write the values of a run down, to be encrypted and kept until it ends."""
    return _VALUES.dump_json(sorted(set(values))).decode()


def values_from_text(text: str) -> list[str]:
    """Read what `values_as_text` has written."""
    return _VALUES.validate_json(text)
