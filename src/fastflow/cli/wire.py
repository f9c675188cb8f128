"""What the server's JSON looks like, as far as the console reads it."""

from typing import Any, TypedDict


class RunAnswer(TypedDict):
    """A run in a list."""

    id: str
    pipeline_name: str
    status: str
    trigger: str
    revision: str | None
    repository: str | None
    commit: str | None
    route: str | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    outcome: str | None
    blame: str | None
    exit_code: int | None
    reason: str | None
    attempt_count: int
    retry_of: str | None
    peak_memory_bytes: int | None
    cpu_seconds: float | None
    warnings: list[str]


class AttemptAnswer(TypedDict):
    """One attempt of a run."""

    number: int
    status: str
    started_at: str | None
    finished_at: str | None
    outcome: str | None
    exit_code: int | None
    reason: str | None
    peak_memory_bytes: int | None
    log_lines: int | None
    setup_seconds: float | None
    lock_seconds: float | None
    build_seconds: float | None
    start_seconds: float | None
    start_kind: str | None
    oci_runtime: str | None


class DownstreamRunAnswer(TypedDict):
    """A run that another one has started."""

    id: str
    pipeline_name: str
    status: str
    reason: str | None


class RunDetailAnswer(RunAnswer):
    """A run with its attempts and what it was given."""

    why: str
    upstream_run_id: str | None
    downstream: list[DownstreamRunAnswer]
    spec: dict[str, Any]
    cancel_requested_at: str | None
    attempts: list[AttemptAnswer]


class RunPageAnswer(TypedDict):
    """A page of runs, newest first."""

    runs: list[RunAnswer]
    next_cursor: str | None


class ManifestProblemAnswer(TypedDict):
    """What is wrong with a manifest, and where."""

    severity: str
    file: str | None
    line: int | None
    column: int | None
    field: str | None
    message: str
    remedy: str | None


class PipelineStatisticsAnswer(TypedDict):
    """How the runs of the last 30 days ended."""

    runs: int
    success_percent: float | None
    mean_seconds: float | None


class PipelineSummaryAnswer(TypedDict):
    """A pipeline in a list."""

    name: str
    is_valid: bool
    is_enabled: bool
    description: str | None
    tags: list[str]
    revision: str | None
    problems: list[ManifestProblemAnswer]
    hint: str | None
    repository: str | None
    commit: str | None
    environment_status: str
    environment_reason: str | None
    changed_at: str
    upstream: list[str]
    downstream: list[str]
    statistics: PipelineStatisticsAnswer


class PipelineAnswer(PipelineSummaryAnswer):
    """A pipeline with its manifest."""

    manifest: dict[str, Any] | None


class PipelineListAnswer(TypedDict):
    """All pipelines."""

    pipelines: list[PipelineSummaryAnswer]


class SettingAnswer(TypedDict):
    """One setting in force."""

    name: str
    value: Any
    is_default: bool
    description: str


class SettingsAnswer(TypedDict):
    """All settings."""

    settings: list[SettingAnswer]


class LogLineAnswer(TypedDict):
    """One line of a log."""

    number: int
    at: str
    stream: str
    line: str
