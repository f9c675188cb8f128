"""Who does what is being done: known for the length of a request, written with every change."""

from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fastflow.domain.role import Role


class ActorKind(StrEnum):
    """How the one who acts was recognised."""

    USER = "user"
    """Signed in."""
    TOKEN = "token"  # noqa: S105 - a kind of credential, not one
    """By an API token, on behalf of the user who made it."""
    LOCAL = "local"
    """From this machine, while there are no accounts."""
    WEBHOOK = "webhook"
    """By a key of its own that opens nothing else."""
    SYSTEM = "system"
    """Nobody: a schedule, a sync, a chain, the settings at start."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts."""

    kind: ActorKind
    name: str
    """For people: `ann`, or `ann/deploy` for her token of that name."""
    role: Role | None = None
    """None: it passes no route that asks for a role."""
    id: str | None = None
    """Of the user or the token."""
    address: str | None = None
    """The network address that the request came from."""
    pipelines: frozenset[str] | None = None
    """The only ones that it sees and acts on; None: all."""

    def may_see(self, pipeline_name: str) -> bool:
        """Whether a pipeline is one of its own."""
        return self.pipelines is None or pipeline_name in self.pipelines


SYSTEM: Final = Actor(ActorKind.SYSTEM, "fastflow")

acting: ContextVar[Actor] = ContextVar("acting", default=SYSTEM)
"""Set once a request by the API's access check; whatever writes asks for it."""
