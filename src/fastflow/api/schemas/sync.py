"""Syncs of Git repositories on the wire."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from fastflow.domain.environment import EnvironmentStatus
from fastflow.domain.repository import SyncStatus, SyncTrigger
from fastflow.services.sync import Plan
from fastflow.services.sync_changes import Changes
from fastflow.services.sync_queue import Phase
from fastflow.services.sync_status import RepositoryStatus


class StartSync(BaseModel):
    """What to sync, and how."""

    repository: str | None = Field(default=None, description="Its name; null: all that are enabled.")
    dry_run: bool = Field(default=False, description="Only say what would change.")
    wait: bool = Field(default=False, description="Answer when the syncs have ended.")


class CommitView(BaseModel):
    """What a branch points to."""

    id: str
    author: str | None
    subject: str | None
    committed_at: datetime | None


class SyncView(BaseModel):
    """One sync, whatever came of it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    repository: str = Field(validation_alias="repository_name")
    trigger: SyncTrigger
    status: SyncStatus
    started_at: datetime
    finished_at: datetime | None
    commit_before: str | None
    commit_after: str | None
    code: str | None = Field(description="The stable code of what failed.")
    message: str | None = Field(description="What changed, or why it failed and what to do.")
    changes: Changes | None


class PlanView(BaseModel):
    """What a sync would change."""

    repository: str
    commit_before: str | None
    commit: CommitView
    changes: Changes
    message: str

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """Take over a plan."""
        commit = plan.commit
        return cls(
            repository=plan.repository,
            commit_before=plan.commit_before,
            commit=CommitView(
                id=commit.id, author=commit.author, subject=commit.subject, committed_at=commit.committed_at
            ),
            changes=plan.changes,
            message=plan.changes.sentence,
        )


class SyncAnswer(BaseModel):
    """What was begun, or with `dry_run` what would change."""

    syncs: list[SyncView] = []
    plans: list[PlanView] = []


class SyncPage(BaseModel):
    """The log of syncs, newest first."""

    syncs: list[SyncView]
    next_cursor: str | None


class RepositoryStatusView(BaseModel):
    """One repository at this moment."""

    repository: str
    url: str
    branch: str | None = Field(description="null: the one that the remote's HEAD names.")
    is_enabled: bool
    commit: CommitView | None = Field(description="The one whose pipelines are in use.")
    phase: Phase | None = Field(description="What its sync is doing now; null: none goes on.")
    is_waiting: bool = Field(description="Another sync was asked for and waits.")
    last_sync: SyncView | None
    last_success: SyncView | None
    checked_at: datetime | None = Field(
        description="When the remote was last looked at; a look that finds nothing new leaves no entry."
    )
    next_due_at: datetime | None
    failures: int = Field(description="Failures in a row since the server started.")
    pipelines: int
    invalid_pipelines: int
    environments: dict[EnvironmentStatus, int] = Field(description="Pipelines by how far theirs is.")

    @classmethod
    def of(cls, status: RepositoryStatus) -> Self:
        """Take over a status."""
        row = status.repository
        commit = None
        if row.commit is not None:
            commit = CommitView(
                id=row.commit,
                author=row.commit_author,
                subject=row.commit_subject,
                committed_at=row.commit_at,
            )
        return cls(
            repository=row.name,
            url=row.url,
            branch=row.branch,
            is_enabled=row.is_enabled,
            commit=commit,
            phase=status.phase,
            is_waiting=status.is_waiting,
            last_sync=SyncView.model_validate(status.last) if status.last else None,
            last_success=SyncView.model_validate(status.last_success) if status.last_success else None,
            checked_at=status.checked_at,
            next_due_at=status.next_due_at,
            failures=status.failures,
            pipelines=status.pipelines,
            invalid_pipelines=status.invalid_pipelines,
            environments={state: status.environments.get(state, 0) for state in EnvironmentStatus},
        )


class SyncStatusView(BaseModel):
    """All repositories."""

    repositories: list[RepositoryStatusView]
