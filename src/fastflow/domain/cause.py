"""Why a run exists, beyond its trigger's one word: who asked, which occurrence, which delivery, which run."""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from fastflow.domain.actor import Actor, ActorKind
from fastflow.domain.run import RunStatus, Trigger


class TriggeredBy(BaseModel):
    """Who asked for a run."""

    model_config = ConfigDict(frozen=True)

    kind: ActorKind
    name: str

    @classmethod
    def of(cls, actor: Actor) -> "TriggeredBy | None":
        """Return the one who acts; None where that is nobody."""
        return None if actor.kind is ActorKind.SYSTEM else cls(kind=actor.kind, name=actor.name)

    @property
    def in_words(self) -> str | None:
        """Name them to people; None where there is no name to know them by."""
        return {ActorKind.USER: self.name, ActorKind.TOKEN: f"the token {self.name}"}.get(self.kind)


class _Cause(BaseModel):
    model_config = ConfigDict(frozen=True)

    triggered_by: TriggeredBy | None = None
    """Who asked for the run itself; where it repeats another one, who did that."""


class RequestCause(_Cause):
    """A user or a program asked for it."""

    kind: Literal["request"] = "request"

    def variables(self) -> dict[str, str]:
        """Return what the run sees of it."""
        return {}


class ScheduleCause(_Cause):
    """An occurrence of a schedule was due."""

    kind: Literal["schedule"] = "schedule"
    schedule_id: str
    schedule_key: str
    """The schedule's `id` in the manifest; `default` for the one at its top."""
    due_at: datetime
    rule: str
    """In words, as it was then."""
    is_late: bool = False
    """It was missed while the server was down, and caught up."""
    coalesced: int = 0
    """How many earlier missed occurrences this run stands for as well."""

    @property
    def sentence(self) -> str:
        """Say it to people."""
        late = ", caught up after it was missed" if self.is_late else ""
        more = f"; it stands for {self.coalesced} earlier missed occurrences too" if self.coalesced else ""
        return f"Schedule {self.schedule_key} ({self.rule}) was due at {_moment(self.due_at)}{late}{more}."

    def variables(self) -> dict[str, str]:
        """Return what the run sees of it."""
        return {"FASTFLOW_SCHEDULE": self.schedule_key, "FASTFLOW_SCHEDULED_AT": self.due_at.isoformat()}


class WebhookCause(_Cause):
    """A request to the pipeline's webhook."""

    kind: Literal["webhook"] = "webhook"
    delivery_id: str
    """Ours, as the log of deliveries names it."""
    remote: str | None
    """The address that it came from."""
    run_config_id: str | None = None
    has_payload: bool = False

    @property
    def sentence(self) -> str:
        """Say it to people."""
        place = f" from {self.remote}" if self.remote else ""
        return f"A webhook delivery{place} asked for it (delivery {self.delivery_id})."

    def variables(self) -> dict[str, str]:
        """Return what the run sees of it."""
        return {"FASTFLOW_DELIVERY_ID": self.delivery_id}


class UpstreamCause(_Cause):
    """A run of another pipeline ended, and its manifest says that this one follows."""

    kind: Literal["upstream"] = "upstream"
    run_id: str
    pipeline_name: str
    status: RunStatus
    outcome: str | None
    route: str | None = None
    """What the upstream run wrote to its FASTFLOW_ROUTE_FILE."""
    depth: int = 1
    """How many runs led here, one starting the next."""

    @property
    def sentence(self) -> str:
        """Say it to people."""
        route = f" and chose the route {self.route!r}" if self.route is not None else ""
        return f"Run {self.run_id} of {self.pipeline_name} ended as {self.status}{route}."

    def variables(self) -> dict[str, str]:
        """Return what the run sees of it."""
        return {
            "FASTFLOW_UPSTREAM_RUN_ID": self.run_id,
            "FASTFLOW_UPSTREAM_PIPELINE": self.pipeline_name,
            "FASTFLOW_UPSTREAM_STATUS": self.status.value,
            "FASTFLOW_UPSTREAM_OUTCOME": self.outcome or "",
            "FASTFLOW_UPSTREAM_ROUTE": self.route or "",
        }


Cause = Annotated[RequestCause | ScheduleCause | WebhookCause | UpstreamCause, Field(discriminator="kind")]

_ADAPTER: Final[TypeAdapter[Cause]] = TypeAdapter(Cause)


def cause_of(stored: dict[str, JsonValue] | None) -> Cause | None:
    """Read a cause back as it was stored with its run."""
    return None if stored is None else _ADAPTER.validate_python(stored)


_WITHOUT_CAUSE: Final = {
    Trigger.MANUAL: "Started by hand.",
    Trigger.API: "Started over the API.",
    Trigger.SCHEDULE: "A schedule was due.",
    Trigger.WEBHOOK: "A webhook delivery asked for it.",
    Trigger.UPSTREAM: "It follows a run of another pipeline.",
}


def why(trigger: Trigger, cause: Cause | None, retry_of: str | None) -> str:
    """Say in a sentence why a run exists."""
    who = cause.triggered_by.in_words if cause is not None and cause.triggered_by is not None else None
    told = None if cause is None or isinstance(cause, RequestCause) else cause.sentence
    if retry_of is not None:
        again = f"Repeats run {retry_of}" + (f", as {who} asked." if who else ".")
        return again if told is None else f"{again} That one: {told}"
    if told is not None:
        return told
    return f"{_WITHOUT_CAUSE[trigger].removesuffix('.')} by {who}." if who else _WITHOUT_CAUSE[trigger]


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
