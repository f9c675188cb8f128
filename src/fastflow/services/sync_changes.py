"""Says what a snapshot changes: pipelines, their validity, their schedules, the packages they ask for."""

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, JsonValue

from fastflow.domain.manifest import Manifest, ManifestResult
from fastflow.domain.manifest.parts import Timing
from fastflow.domain.ports import FoundPipeline
from fastflow.services.manifests import read_manifest
from fastflow.store.tables import PipelineRow

MOST_LISTED: Final = 200
"""Names of each kind that are kept with a sync; the counts are whole."""

_CYCLES_SAID: Final = 3

_TRIGGERS: Final = frozenset({"schedule_cron", "schedule_interval_seconds", "run_once_at"})


class InvalidPipeline(BaseModel):
    """A pipeline that can't be started as it is now."""

    name: str
    problem: str
    """The first of its problems."""


class ChangedSchedule(BaseModel):
    """A schedule that a manifest adds, changes or takes back."""

    pipeline_name: str
    key: str
    change: str
    """`added`, `changed` or `removed`."""


class ChangedPackages(BaseModel):
    """What a pipeline asks for besides what it did, and no longer."""

    pipeline_name: str
    added: list[str] = []
    removed: list[str] = []


class Changes(BaseModel):
    """What a sync changes, by name. Lists are cut at `MOST_LISTED`; the counts are not."""

    pipelines_added: list[str] = []
    pipelines_changed: list[str] = []
    pipelines_removed: list[str] = []
    pipelines_invalid: list[InvalidPipeline] = []
    """Of those added and changed."""
    schedules: list[ChangedSchedule] = []
    packages: list[ChangedPackages] = []
    cycles: list[list[str]] = []
    """New rounds of pipelines that start each other. Known after the sync; a plan has none."""
    counts: dict[str, int] = {}
    """How many there are of each list, by its name."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing that anybody sees becomes different."""
        return not any(self.counts.values())

    @property
    def sentence(self) -> str:
        """Say it in words, such as `2 pipelines added, 1 changed`."""
        parts = [
            f"{self.counts[name]} {word}"
            for name, word in (
                ("pipelines_added", "added"),
                ("pipelines_changed", "changed"),
                ("pipelines_removed", "removed"),
            )
            if self.counts.get(name)
        ]
        if not parts:
            return "no pipeline changed"
        rounds = "".join(f"; new cycle: {' → '.join(cycle)}" for cycle in self.cycles[:_CYCLES_SAID])
        first, _, rest = parts[0].partition(" ")
        parts[0] = f"{first} {'pipeline' if first == '1' else 'pipelines'} {rest}"
        invalid = self.counts.get("pipelines_invalid", 0)
        return ", ".join(parts) + (f" ({invalid} of them can't be started)" if invalid else "") + rounds


Revisions = tuple[str | None, str]
"""The revision before and after."""


def changes_of(
    after: Mapping[str, FoundPipeline | None], before: Mapping[str, PipelineRow]
) -> tuple[Changes, dict[str, Revisions]]:
    """Compare what will be found to what is stored; return it with the revisions of added and changed ones.

    Reads only the manifests of pipelines that differ. Takes milliseconds for each of them: not for the
    event loop.
    """
    changes = Changes()
    revisions: dict[str, Revisions] = {}
    for name in sorted(after):
        found, row = after[name], before.get(name)
        if found is None:
            if row is not None:
                changes.pipelines_removed.append(name)
                changes.schedules += _schedule_changes(name, _stored_manifest(row), None)
            continue
        if row is not None and _is_unchanged(row, found):
            continue
        (changes.pipelines_changed if row is not None else changes.pipelines_added).append(name)
        result = read_manifest(found)
        if result.errors:
            changes.pipelines_invalid.append(InvalidPipeline(name=name, problem=_first_problem(result)))
        else:
            old = _stored_manifest(row) if row is not None else None
            changes.schedules += _schedule_changes(name, old, result.manifest)
        if found.revision is not None:
            revisions[name] = (row.revision if row is not None else None, found.revision)
    return changes, revisions


def cut(changes: Changes) -> Changes:
    """Count everything, then keep only what may be stored."""
    lists = {name: getattr(changes, name) for name in Changes.model_fields if name != "counts"}
    counts = {name: len(items) for name, items in lists.items()}
    return changes.model_copy(
        update={**{name: items[:MOST_LISTED] for name, items in lists.items()}, "counts": counts}
    )


def _stored_manifest(row: PipelineRow) -> Manifest | None:
    # An invalid manifest leaves the schedules of the last valid one in force.
    stored = row.manifest if row.is_valid else row.valid_manifest
    return Manifest.model_validate(stored) if stored is not None else None


def _schedule_changes(name: str, before: Manifest | None, after: Manifest | None) -> list[ChangedSchedule]:
    old, new = _schedules(before), _schedules(after)
    changed: list[ChangedSchedule] = []
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            change = "added" if key not in old else "removed" if key not in new else "changed"
            changed.append(ChangedSchedule(pipeline_name=name, key=key, change=change))
    return changed


def _schedules(manifest: Manifest | None) -> dict[str, dict[str, JsonValue]]:
    """Return what each schedule says of its times, by its key."""
    if manifest is None:
        return {}
    own = _timing(manifest)
    schedules = {"default": own} if own.keys() & _TRIGGERS else {}
    for schedule in manifest.schedules:
        zone: dict[str, JsonValue] = {"timezone": manifest.timezone}
        schedules[schedule.id] = {**zone, **_timing(schedule), "enabled": schedule.enabled}
    return schedules


def _timing(timing: Timing) -> dict[str, JsonValue]:
    return timing.model_dump(mode="json", include=set(Timing.model_fields), exclude_none=True)


def _is_unchanged(row: PipelineRow, found: FoundPipeline) -> bool:
    if (row.revision, row.repository) != (found.revision, found.repository):
        return False
    is_same_problem = bool(row.problems) and row.problems[0].get("message") == found.problem
    return found.revision is not None or is_same_problem


def _first_problem(result: ManifestResult) -> str:
    first = result.errors[0]
    place = ":".join(str(part) for part in (first.file, first.line, first.column) if part)
    return f"{place}: {first.message}" if place else first.message
