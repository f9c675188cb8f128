"""Makes the row of a pipeline from what was found of it."""

from datetime import datetime
from typing import Final

from fastflow.domain.environment import EnvironmentStatus
from fastflow.domain.manifest import ManifestResult
from fastflow.domain.ports import FoundPipeline
from fastflow.store.tables import PipelineRow

_NOT_COMPARED: Final = {"changed_at"}


def row_of(
    found: FoundPipeline, result: ManifestResult, before: PipelineRow | None, now: datetime
) -> PipelineRow:
    """Return the row as it is to be stored; a revision that stays keeps what is known of it.

    An invalid manifest keeps the last valid revision. The commit is the one that brought the revision,
    not the one at which it was seen last.
    """
    manifest = result.manifest.model_dump(mode="json", exclude_unset=True) if result.manifest else None
    is_valid = not result.errors and manifest is not None and found.revision is not None
    is_valid = is_valid and found.problem is None
    is_kept = before is not None and before.revision == found.revision
    kept = before if is_kept else None
    commit = kept.commit if kept and kept.repository == found.repository else found.commit
    return PipelineRow(
        name=found.name,
        is_present=True,
        is_valid=is_valid,
        is_enabled=result.manifest.enabled if result.manifest else True,
        revision=found.revision,
        manifest=manifest,
        problems=[problem.model_dump(mode="json") for problem in result.problems],
        hint=found.hint,
        valid_revision=found.revision if is_valid else (before.valid_revision if before else None),
        valid_manifest=manifest if is_valid else (before.valid_manifest if before else None),
        valid_commit=commit if is_valid else (before.valid_commit if before else None),
        repository=found.repository,
        commit=commit,
        environment_status=kept.environment_status if kept else EnvironmentStatus.UNKNOWN,
        environment_revision=kept.environment_revision if kept else None,
        environment_reason=kept.environment_reason if kept else None,
        environment_key=kept.environment_key if kept else None,
        lockfile_key=kept.lockfile_key if kept else None,
        changed_at=now,
    )


def says_the_same(row: PipelineRow, before: PipelineRow) -> bool:
    """Whether nothing but the moment differs."""
    return row.model_dump(exclude=_NOT_COMPARED) == before.model_dump(exclude=_NOT_COMPARED)
