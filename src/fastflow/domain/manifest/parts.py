"""The parts that a manifest and each of its `schedules` have in common."""

from pydantic import BaseModel, ConfigDict, Field

from fastflow.domain.manifest.fields import (
    Ciphertexts,
    Cores,
    Cron,
    Interval,
    Moment,
    Retries,
    ScheduleId,
    Size,
    Timeout,
    Variables,
    WebhookKey,
    ZoneName,
)
from fastflow.domain.retry import RetryStrategy


class Part(BaseModel):
    """A part of a manifest. Unknown fields are left out; who reads the file warns about them."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class RunSettings(Part):
    """How a run is executed."""

    cpu_hard_limit: Cores | None = Field(default=None, description="Cores at which the run is throttled.")
    mem_hard_limit: Size | None = Field(
        default=None,
        description='Memory, such as "512m" or "1g"; the kernel kills the run that uses more.',
        examples=["512m", "1g"],
    )
    cpu_soft_limit: Cores | None = Field(
        default=None, description="Cores beyond which the run shows a warning. Never limits."
    )
    mem_soft_limit: Size | None = Field(
        default=None,
        description="Memory beyond which the run shows a warning. Never limits.",
        examples=["400m"],
    )
    timeout: Timeout | None = Field(
        default=None, description="Seconds an attempt may take; 0 = no limit. Overrides CONTAINER_TIMEOUT."
    )
    retry_attempts: Retries | None = Field(
        default=None, description="Further attempts after a failed one. Overrides RETRY_ATTEMPTS."
    )
    retry_strategy: RetryStrategy | None = Field(
        default=None, description="How long to wait before each further attempt, in seconds."
    )
    enabled: bool = Field(default=True, description="false: it is started by no trigger.")
    default_env: Variables = Field(
        default_factory=dict, description="Environment variables of every run; a run's own ones win."
    )
    encrypted_env: Ciphertexts = Field(
        default_factory=dict,
        description="Environment variables as Fernet ciphertexts, decrypted only for the run.",
    )
    webhook_key: WebhookKey | None = Field(
        default=None, description="Enables POST /api/webhooks/{pipeline}/{key}. Keep it secret."
    )


class Timing(Part):
    """When runs start by themselves."""

    schedule_cron: Cron | None = Field(
        default=None,
        description="5-field cron expression: minute, hour, day of month, month, day of week.",
        examples=["30 6 * * 1-5"],
    )
    schedule_interval_seconds: Interval | None = Field(
        default=None, description="Seconds from one start to the next."
    )
    run_once_at: Moment | None = Field(
        default=None, description="ISO 8601 date of one single run.", examples=["2027-01-31T06:30:00"]
    )
    schedule_start: Moment | None = Field(
        default=None, description="ISO 8601 date before which nothing starts."
    )
    schedule_end: Moment | None = Field(default=None, description="ISO 8601 date after which nothing starts.")
    timezone: ZoneName | None = Field(
        default=None,
        description="IANA time zone of the schedule and of dates without an offset.",
        examples=["Europe/Berlin"],
    )


class Schedule(RunSettings, Timing):
    """One of several schedules; what it leaves out, the manifest says."""

    id: ScheduleId = Field(description="Its name, unique within the manifest.")
