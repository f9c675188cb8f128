"""What differs between a run and its baseline, on the wire."""

from typing import Self

from pydantic import BaseModel, Field, JsonValue

from fastflow.api.schemas.redaction import HIDDEN
from fastflow.domain.comparison import Changed, Difference
from fastflow.services.comparisons import Comparison, Side


class TextPair(BaseModel):
    """A text of the baseline and of the run; null: there was none, or it is not known."""

    before: str | None
    after: str | None


class NumberPair(BaseModel):
    """A number of the baseline and of the run; null: not known."""

    before: float | None
    after: float | None


class TextChange(BaseModel):
    """A name that stands for another text, or for none."""

    name: str
    difference: Difference
    before: str | None
    after: str | None

    @classmethod
    def of(cls, change: Changed[str]) -> Self:
        """Show a change."""
        return cls(name=change.name, difference=change.difference, before=change.before, after=change.after)

    @classmethod
    def hidden(cls, change: Changed[bool]) -> Self:
        """Show that there is a value, and not which."""
        before, after = (HIDDEN if side else None for side in (change.before, change.after))
        return cls(name=change.name, difference=change.difference, before=before, after=after)


class ValueChange(BaseModel):
    """A name that stands for another value, or for none; a missing value is null as well."""

    name: str
    difference: Difference
    before: JsonValue
    after: JsonValue

    @classmethod
    def of(cls, change: Changed[JsonValue]) -> Self:
        """Show a change."""
        return cls(name=change.name, difference=change.difference, before=change.before, after=change.after)


class ComparisonView(BaseModel):
    """A run beside the last one of its pipeline that succeeded before it."""

    run_id: str
    baseline_run_id: str | None = Field(description="null: none had succeeded before; then nothing differs.")
    revision: TextPair
    commit: TextPair
    repository: TextPair
    lockfile: TextPair = Field(description="The keys of the lockfiles; null: no attempt was started.")
    python_version: TextPair
    duration_seconds: NumberPair
    peak_memory_bytes: NumberPair
    cpu_seconds: NumberPair
    packages: list[TextChange] | None = Field(
        description="null: of one of the two they are not known (any more)."
    )
    parameters: list[ValueChange]
    variables: list[TextChange] = Field(description="Encrypted ones only where they came or went, as •••.")
    secrets: list[TextChange] = Field(description="Which stored secrets were listed; values as •••.")
    settings: list[ValueChange] = Field(description="Limits, timeout, retries, interpreter, network.")

    @classmethod
    def of(cls, found: Comparison) -> Self:
        """Put it together."""
        before, after = found.before, found.after
        old = before.run if before is not None else None
        encrypted = [TextChange.hidden(change) for change in found.encrypted_variables]
        return cls(
            run_id=after.run.id,
            baseline_run_id=old.id if old else None,
            revision=TextPair(before=old.revision if old else None, after=after.run.revision),
            commit=TextPair(before=old.commit if old else None, after=after.run.commit),
            repository=TextPair(before=old.repository if old else None, after=after.run.repository),
            lockfile=TextPair(before=before.lockfile_key if before else None, after=after.lockfile_key),
            python_version=TextPair(
                before=before.python_version if before else None, after=after.python_version
            ),
            duration_seconds=NumberPair(before=_seconds(before), after=_seconds(after)),
            peak_memory_bytes=NumberPair(
                before=old.peak_memory_bytes if old else None, after=after.run.peak_memory_bytes
            ),
            cpu_seconds=NumberPair(before=old.cpu_seconds if old else None, after=after.run.cpu_seconds),
            packages=_shown(found.packages),
            parameters=[ValueChange.of(change) for change in found.parameters],
            variables=[*map(TextChange.of, found.variables), *encrypted],
            secrets=[TextChange.hidden(change) for change in found.secrets],
            settings=[ValueChange.of(change) for change in found.settings],
        )


def _shown(packages: list[Changed[str]] | None) -> list[TextChange] | None:
    return None if packages is None else [TextChange.of(change) for change in packages]


def _seconds(side: Side | None) -> float | None:
    if side is None or side.run.started_at is None or side.run.finished_at is None:
        return None
    return (side.run.finished_at - side.run.started_at).total_seconds()
