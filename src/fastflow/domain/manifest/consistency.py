"""Finds fields that are right by themselves but contradict each other."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from fastflow.domain.limits import parse_bytes
from fastflow.domain.manifest.models import CatchUp, Manifest, PipelineType
from fastflow.domain.manifest.parts import RunSettings, Schedule, Timing
from fastflow.domain.manifest.problems import Fault, JsonPath, Severity
from fastflow.domain.route import LONGEST_ROUTE, is_route
from fastflow.domain.secret_file import path_variable

TOP_SCHEDULE: Final = "default"
"""The id of the schedule that the fields at the manifest's top make."""
TRIGGER_FIELDS: Final = ("schedule_cron", "schedule_interval_seconds", "run_once_at")
_GUESSABLE_KEY: Final = 16


def contradictions(manifest: Manifest) -> Iterator[Fault]:
    """Yield every contradiction within a manifest whose fields are valid."""
    yield from _of_timing(manifest, (), None)
    yield from _of_settings(manifest, ())
    # The timing at the top is a schedule too, and needs a name of its own beside the others.
    seen: set[str] = {TOP_SCHEDULE} if _triggers_of(manifest) else set()
    for index, schedule in enumerate(manifest.schedules):
        path: JsonPath = ("schedules", index)
        if schedule.id in seen:
            is_top = schedule.id == TOP_SCHEDULE and _triggers_of(manifest)
            earlier = "the schedule at the top" if is_top else "an earlier schedule"
            yield Fault((*path, "id"), f"{schedule.id!r} is the id of {earlier}", "Write another one.")
        seen.add(schedule.id)
        yield from _of_timing(schedule, path, manifest.timezone)
        yield from _of_settings(schedule, path)
        yield from _of_missing_trigger(schedule, path)
    yield from _of_secret_files(manifest)
    yield from _of_triggers_that_never_fire(manifest)
    yield from _without_effect(manifest)


def _triggers_of(part: Timing) -> list[str]:
    return [name for name in TRIGGER_FIELDS if getattr(part, name) is not None]


def _of_timing(part: Timing, path: JsonPath, outer_zone: str | None) -> Iterator[Fault]:
    for other in _triggers_of(part)[1:]:
        first = _triggers_of(part)[0]
        remedy = "Keep one of them; several belong into `schedules`."
        yield Fault((*path, other), f"there is {first} already", remedy, is_about_key=True)
    if part.schedule_start is not None and part.schedule_end is not None:
        zone = ZoneInfo(part.timezone or outer_zone or "UTC")
        if _moment(part.schedule_start, zone) >= _moment(part.schedule_end, zone):
            message = f"the end {part.schedule_end!r} is not after the start {part.schedule_start!r}"
            yield Fault((*path, "schedule_end"), message, "Write a later date.")


def _moment(text: str, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(text)
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:  # the first and the last day that a datetime can hold
        return moment.replace(tzinfo=UTC)


def _of_missing_trigger(schedule: Schedule, path: JsonPath) -> Iterator[Fault]:
    if not _triggers_of(schedule) and schedule.webhook_key is None:
        names = ", ".join(TRIGGER_FIELDS)
        yield Fault(path, "nothing says when it starts", f"Add one of {names}, or a webhook_key.")


def _of_settings(part: RunSettings, path: JsonPath) -> Iterator[Fault]:
    memory, soft_memory = part.mem_hard_limit, part.mem_soft_limit
    if memory is not None and soft_memory is not None and parse_bytes(soft_memory) > parse_bytes(memory):
        yield _never_reached((*path, "mem_soft_limit"), soft_memory, memory)
    cores, soft_cores = part.cpu_hard_limit, part.cpu_soft_limit
    if cores is not None and soft_cores is not None and soft_cores > cores:
        yield _never_reached((*path, "cpu_soft_limit"), f"{soft_cores:g}", f"{cores:g}")
    for name in part.encrypted_env.keys() & part.default_env.keys():
        message = f"{name} is in default_env too; the encrypted value wins"
        yield Fault((*path, "default_env", name), message, "Keep one of them.", Severity.WARNING)
    if part.webhook_key is not None and len(part.webhook_key) < _GUESSABLE_KEY:
        message = f"with fewer than {_GUESSABLE_KEY} characters it can be guessed"
        yield Fault((*path, "webhook_key"), message, "Write 32 random ones.", Severity.WARNING)


def _never_reached(path: JsonPath, soft: str, hard: str) -> Fault:
    message = f"{soft} is never reached, because the hard limit is {hard}"
    return Fault(path, message, "Write less than the hard limit.", Severity.WARNING)


def _of_secret_files(manifest: Manifest) -> Iterator[Fault]:
    paths = {path_variable(key): key for key in manifest.secret_files}
    for name in manifest.secret_variables:
        if name in paths:
            message = f"{name} would be two things: a secret, and the path of the file of {paths[name]}"
            yield Fault(("secrets",), message, "Store one of the two under another name.")
    for field in ("default_env", "encrypted_env"):
        for name in getattr(manifest, field).keys() & paths.keys():
            message = f"{name} is the path of the file of {paths[name]}, which wins"
            yield Fault((field, name), message, "Remove it, or rename it.", Severity.WARNING)


def _of_triggers_that_never_fire(manifest: Manifest) -> Iterator[Fault]:
    for index, trigger in enumerate(manifest.downstream_triggers):
        path: JsonPath = ("downstream_triggers", index)
        if not trigger.on_success and not trigger.on_failure:
            message = f"{trigger.pipeline} is never started: neither on_success nor on_failure is true"
            yield Fault(path, message, "Set one of them to true, or remove it.", Severity.WARNING)
        routes = [trigger.on_route] if isinstance(trigger.on_route, str) else trigger.on_route
        if routes is not None and not any(is_route(route) for route in routes):
            message = f"{trigger.pipeline} is never started: no run can choose such a route"
            remedy = f"Write one line of plain text, {LONGEST_ROUTE} characters at most, or remove it."
            yield Fault((*path, "on_route"), message, remedy, Severity.WARNING)


def _without_effect(manifest: Manifest) -> Iterator[Fault]:
    if manifest.cells and manifest.type is not PipelineType.NOTEBOOK:
        remedy = 'Add "type": "notebook", or remove it.'
        yield Fault(("cells",), "only a notebook has cells", remedy, Severity.WARNING, is_about_key=True)
    if manifest.catch_up_limit is not None and manifest.catch_up is not CatchUp.ALL:
        message = f"it has no effect with catch_up = {manifest.catch_up.value}"
        remedy = 'Add "catch_up": "all", or remove it.'
        yield Fault(("catch_up_limit",), message, remedy, Severity.WARNING, is_about_key=True)
