"""The past-tense facts that others listen to."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, JsonValue


class EventType(StrEnum):
    """What happened. The words are the `event:` names on the wire."""

    RUN_CREATED = "run.created"
    RUN_STARTED = "run.started"
    RUN_RETRYING = "run.retrying"
    RUN_CANCEL_REQUESTED = "run.cancel_requested"
    RUN_FINISHED = "run.finished"
    PIPELINE_CHANGED = "pipeline.changed"
    SCHEDULE_CHANGED = "schedule.changed"
    REPOSITORY_CHANGED = "repository.changed"
    SYNC_STARTED = "sync.started"
    SYNC_FINISHED = "sync.finished"


class Event(BaseModel):
    """One fact, written in the same transaction as the change it reports."""

    sequence: int
    type: EventType
    at: datetime
    pipeline_name: str | None = None
    run_id: str | None = None
    payload: dict[str, JsonValue] = {}
