"""What is read of the Engine's answers, and so all that can be handed on: no environment of anybody."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from fastflow.docker_proxy.rebuilding import STAMP


class _Kept(BaseModel):
    """What is not a field is dropped."""

    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_pascal)

    def as_told(self) -> dict[str, Any]:
        """Return what the client is told."""
        return self.model_dump(by_alias=True, exclude_none=True)


class Information(_Kept):
    """Version, clock and name of the Engine."""

    name: str
    server_version: str
    cgroup_version: str = "1"
    system_time: str
    runtimes: dict[str, dict[str, object]] = Field(default_factory=dict[str, dict[str, object]])

    def as_told(self) -> dict[str, Any]:
        """Return what the client is told: of runtimes the names, not where they lie."""
        return {**super().as_told(), "Runtimes": {name: {} for name in self.runtimes}}


class Created(_Kept):
    """Answer to `containers/create`."""

    id: str


class Image(_Kept):
    """One image."""

    id: str
    repo_tags: list[str] | None = None
    repo_digests: list[str] | None = None

    @property
    def names(self) -> frozenset[str]:
        """All by which it may be allowed."""
        return frozenset({self.id, *(self.repo_tags or []), *(self.repo_digests or [])})


class _State(_Kept):
    status: str
    running: bool
    exit_code: int
    oom_killed: bool = Field(alias="OOMKilled")
    error: str = ""


class _Mount(_Kept):
    type: str
    source: str = ""
    destination: str


class _Labelled(_Kept):
    labels: dict[str, str] | None = None

    def is_stamped(self, name: str) -> bool:
        """Return whether the proxy of that name created it."""
        return (self.labels or {}).get(STAMP) == name

    def without_stamp(self) -> dict[str, str]:
        """Return the labels that the client gave it."""
        return {name: value for name, value in (self.labels or {}).items() if name != STAMP}


class Container(_Kept):
    """One container in detail."""

    id: str
    state: _State
    mounts: list[_Mount] | None = None
    config: _Labelled

    @property
    def bind_sources(self) -> list[str]:
        """Paths of the host that it is given."""
        return [mount.source for mount in self.mounts or [] if mount.type == "bind"]

    def as_ours(self) -> dict[str, Any]:
        """Return what is told of a container of ours."""
        return {**self.as_told(), "Config": {"Labels": self.config.without_stamp()}}

    def as_the_servers(self) -> dict[str, Any]:
        """Return what the server is told of its own: where its folders lie, no labels."""
        return {**self.as_told(), "Config": {"Labels": {}}}


class Listed(_Labelled):
    """One container in a list."""

    id: str
    state: str

    def as_ours(self) -> dict[str, Any]:
        """Return what is told of a container of ours."""
        return {"Id": self.id, "State": self.state, "Labels": self.without_stamp()}
