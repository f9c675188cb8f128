"""What the server's JSON on Git repositories looks like, as far as the console reads it."""

from typing import TypedDict


class InvalidPipelineAnswer(TypedDict):
    """A pipeline that can't be started as it is now."""

    name: str
    problem: str


class ChangedScheduleAnswer(TypedDict):
    """A schedule that is added, changed or taken back."""

    pipeline_name: str
    key: str
    change: str


class ChangedPackagesAnswer(TypedDict):
    """What a pipeline asks for besides what it did, and no longer."""

    pipeline_name: str
    added: list[str]
    removed: list[str]


class ChangesAnswer(TypedDict):
    """What a sync changes."""

    pipelines_added: list[str]
    pipelines_changed: list[str]
    pipelines_removed: list[str]
    pipelines_invalid: list[InvalidPipelineAnswer]
    schedules: list[ChangedScheduleAnswer]
    packages: list[ChangedPackagesAnswer]
    counts: dict[str, int]


class CommitAnswer(TypedDict):
    """What a branch points to."""

    id: str
    author: str | None
    subject: str | None
    committed_at: str | None


class SyncAnswer(TypedDict):
    """One sync."""

    id: str
    repository: str
    trigger: str
    status: str
    started_at: str
    finished_at: str | None
    commit_before: str | None
    commit_after: str | None
    code: str | None
    message: str | None
    changes: ChangesAnswer | None


class PlanAnswer(TypedDict):
    """What a sync would change."""

    repository: str
    commit_before: str | None
    commit: CommitAnswer
    changes: ChangesAnswer
    message: str


class SyncStartAnswer(TypedDict):
    """Syncs that have begun, or plans."""

    syncs: list[SyncAnswer]
    plans: list[PlanAnswer]


class SyncPageAnswer(TypedDict):
    """The log of syncs, newest first."""

    syncs: list[SyncAnswer]
    next_cursor: str | None


class RepositoryStatusAnswer(TypedDict):
    """One repository at this moment."""

    repository: str
    url: str
    branch: str | None
    is_enabled: bool
    commit: CommitAnswer | None
    phase: str | None
    is_waiting: bool
    last_sync: SyncAnswer | None
    last_success: SyncAnswer | None
    checked_at: str | None
    next_due_at: str | None
    failures: int
    pipelines: int
    invalid_pipelines: int
    environments: dict[str, int]


class SyncStatusAnswer(TypedDict):
    """All repositories."""

    repositories: list[RepositoryStatusAnswer]


class HostKeyAnswer(TypedDict):
    """A key by which an SSH server shows who it is."""

    type: str
    fingerprint: str
    line: str


class RepositoryAnswer(TypedDict):
    """A Git repository that pipelines come from."""

    id: str
    name: str
    origin: str
    is_enabled: bool
    url: str
    branch: str | None
    subdir: str
    authentication: str
    has_secret: bool
    public_key: str | None
    github_app: str | None
    installation_id: int | None
    host_keys: list[HostKeyAnswer]
    has_push_secret: bool
    sync_interval_seconds: int | None


class GitHubAppAnswer(TypedDict):
    """A GitHub App that opens repositories."""

    name: str
    origin: str
    app_id: str
    api_url: str
    created_at: str


class InstallationAnswer(TypedDict):
    """Where a GitHub App is installed."""

    id: int
    account: str
    is_suspended: bool
    repositories: list[str]
