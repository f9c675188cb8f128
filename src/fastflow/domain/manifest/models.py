"""The manifest: what a pipeline's `pipeline.json` may say."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue

from fastflow.domain.manifest.fields import (
    CronOrInterval,
    DelaySeconds,
    PipelineName,
    PythonVersion,
    Retries,
    ScheduleId,
    Tags,
    Timeout,
)
from fastflow.domain.manifest.parts import Part, RunSettings, Schedule, Timing
from fastflow.domain.manifest.secret_entries import HandedOver, SecretEntries, SecretEntry, keys_handed_over


class PipelineType(StrEnum):
    """What the entry point is."""

    SCRIPT = "script"
    NOTEBOOK = "notebook"


class Overlap(StrEnum):
    """What a new run does when `max_instances` are active."""

    QUEUE = "queue"
    SKIP = "skip"
    REPLACE = "replace"


class Network(StrEnum):
    """What a run reaches beside its own container."""

    DEFAULT = "default"
    NONE = "none"


class CatchUp(StrEnum):
    """What happens to occurrences missed while the server was down."""

    NONE = "none"
    LAST = "last"
    ALL = "all"


class Cell(Part):
    """How one cell of a notebook is executed."""

    retries: Retries = Field(default=0, description="Further attempts of this cell after a failed one.")
    delay_seconds: DelaySeconds = Field(default=0, description="Seconds to wait before each of them.")


class DownstreamTrigger(Part):
    """A pipeline that is started when a run of this one ends."""

    pipeline: PipelineName = Field(description="The pipeline to start: the name of its folder.")
    on_success: bool = Field(default=True, description="Start it when the run succeeded.")
    on_failure: bool = Field(default=False, description="Start it when the run failed.")
    on_route: str | list[str] | None = Field(
        default=None,
        description="Start it only when the run wrote this, or one of these, to FASTFLOW_ROUTE_FILE.",
    )
    run_config_id: ScheduleId | None = Field(
        default=None,
        description="The `id` of the schedule of that pipeline whose settings it is started with.",
    )


class Manifest(RunSettings, Timing):
    """The settings of a pipeline. Every field is optional; unknown ones only cause a warning."""

    description: Annotated[str, Field(max_length=10_000)] | None = Field(
        default=None, description="What the pipeline does, for people."
    )
    tags: Tags = Field(default_factory=list, description="Words to filter by.")
    secrets: SecretEntries = Field(
        default_factory=list[str | SecretEntry],
        description="The only stored secrets that this pipeline receives: keys, or objects that say how.",
        examples=[["DB_PASSWORD", {"key": "CERTIFICATE", "as": "file"}]],
    )
    python_version: PythonVersion | None = Field(
        default=None, description="Interpreter of this pipeline.", examples=["3.12"]
    )
    network: Network = Field(
        default=Network.DEFAULT,
        description="none: its runs reach no network at all. default: that of the server's RUN_NETWORK.",
    )
    type: PipelineType = Field(
        default=PipelineType.SCRIPT, description="script: main.py is executed. notebook: main.ipynb."
    )
    cells: list[Cell] = Field(
        default_factory=list[Cell],
        max_length=1000,
        description="Settings of a notebook's code cells, in their order.",
    )
    schedules: list[Schedule] = Field(
        default_factory=list[Schedule],
        max_length=100,
        description="Several schedules, each with settings of its own.",
    )
    catch_up: CatchUp = Field(
        default=CatchUp.LAST, description="Which of the occurrences missed while the server was down are run."
    )
    catch_up_limit: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None, description="At most this many of them, with catch_up = all."
    )
    overlap: Overlap = Field(
        default=Overlap.QUEUE, description="What a new run does when max_instances are active."
    )
    max_instances: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None, description="Runs of this pipeline at the same time."
    )
    log_retention_runs: Annotated[int, Field(ge=0, le=10_000_000)] | None = Field(
        default=None,
        description="So many of its newest runs are kept, with their logs; 0 = all. Default: the server's.",
    )
    log_retention_days: Annotated[float, Field(ge=0, le=36_500)] | None = Field(
        default=None,
        description="Its runs are kept that long, with their logs; 0 = for ever. Default: the server's.",
    )
    downstream_triggers: list[DownstreamTrigger] = Field(
        default_factory=list[DownstreamTrigger],
        max_length=100,
        description="Pipelines to start when a run ends.",
    )
    restart_on_crash: bool = Field(
        default=False, description="Start a long-running pipeline again when it ends by a failure."
    )
    restart_cooldown: Timeout | None = Field(
        default=None, description="Seconds to wait before starting it again."
    )
    restart_interval: CronOrInterval | None = Field(
        default=None, description="Start it afresh this often: seconds, or a 5-field cron expression."
    )
    parameters: dict[str, JsonValue] | None = Field(
        default=None,
        description="JSON Schema of the inputs of a run; its properties become a form.",
        examples=[{"type": "object", "properties": {"count": {"type": "integer", "default": 10}}}],
    )
    notify: dict[str, JsonValue] | None = Field(
        default=None, description="Channels and conditions of this pipeline's notifications."
    )

    @property
    def secret_variables(self) -> list[str]:
        """The keys of the secrets that its runs find in variables."""
        return keys_handed_over(self.secrets, HandedOver.VARIABLE)

    @property
    def secret_files(self) -> list[str]:
        """The keys of the secrets that its runs find in files."""
        return keys_handed_over(self.secrets, HandedOver.FILE)
