"""Reads a schedule that comes over the API, by the rules of the manifest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from fastflow.domain.errors import Invalid
from fastflow.domain.manifest import CatchUp, Schedule, parse_manifest
from fastflow.domain.manifest.consistency import TRIGGER_FIELDS

CATCH_UP_FIELDS: Final = ("catch_up", "catch_up_limit")
"""What a manifest says for all of its schedules, and such a schedule for itself."""
_WITHIN: Final = "schedules[0]."


@dataclass(frozen=True, slots=True)
class Draft:
    """A schedule that passed every check."""

    schedule: Schedule
    catch_up: CatchUp
    catch_up_limit: int | None


def read_draft(fields: Mapping[str, JsonValue]) -> Draft:
    """Check a schedule as if it stood in a manifest. Not for the event loop: zones are files.

    Raises:
        Invalid: `schedule_invalid`; `fields` says what is wrong with each.
    """
    schedule = {name: value for name, value in fields.items() if name not in CATCH_UP_FIELDS}
    if all(schedule.get(name) is None for name in TRIGGER_FIELDS):
        triggers = ", ".join(TRIGGER_FIELDS)
        raise _invalid({TRIGGER_FIELDS[0]: f"nothing says when it starts. Give one of {triggers}."})
    own = {name: fields[name] for name in CATCH_UP_FIELDS if name in fields}
    text = json.dumps({"schedules": [schedule], **own})
    result = parse_manifest("schedule", text.encode())
    problems: dict[str, object] = {}
    for problem in result.errors:
        field = (problem.field or "").removeprefix(_WITHIN)
        problems[field] = f"{problem.message}. {problem.remedy}" if problem.remedy else problem.message
    if result.manifest is None:
        raise _invalid(problems)
    return Draft(result.manifest.schedules[0], result.manifest.catch_up, result.manifest.catch_up_limit)


def _invalid(problems: dict[str, object]) -> Invalid:
    told = "; ".join(f"{field}: {message}" for field, message in problems.items())
    return Invalid("schedule_invalid", f"The schedule was refused: {told}", problems)
