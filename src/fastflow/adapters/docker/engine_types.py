"""What the Engine says, as small frozen types: the fields we read and no others."""

from pydantic import BaseModel, ConfigDict, Field


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Created(_Said):
    """Answer to `containers/create`."""

    id: str = Field(alias="Id")


class State(_Said):
    """How a container is, from `containers/<id>/json`."""

    status: str = Field(alias="Status")
    """created, running, paused, restarting, removing, exited or dead."""
    is_running: bool = Field(alias="Running")
    exit_code: int = Field(alias="ExitCode")
    was_out_of_memory: bool = Field(alias="OOMKilled")
    """Also true where one process of several was killed and the first one went on."""
    error: str = Field("", alias="Error")

    @property
    def is_started(self) -> bool:
        """Whether it ever ran; a start that failed leaves it `created`."""
        return self.status != "created"


class Mount(_Said):
    """A mount of a container."""

    type: str = Field(alias="Type")
    source: str = Field("", alias="Source")
    """On the Engine's host; empty for tmpfs."""
    destination: str = Field(alias="Destination")


class _Config(_Said):
    labels: dict[str, str] | None = Field(None, alias="Labels")


class Container(_Said):
    """One container in detail."""

    id: str = Field(alias="Id")
    state: State = Field(alias="State")
    mounts: tuple[Mount, ...] = Field((), alias="Mounts")
    config: _Config = Field(alias="Config")

    @property
    def labels(self) -> dict[str, str]:
        """Its labels; none is an empty mapping."""
        return self.config.labels or {}


class Listed(_Said):
    """One container in a list."""

    id: str = Field(alias="Id")
    status: str = Field(alias="State")
    labels: dict[str, str] = Field(alias="Labels")


class Exited(_Said):
    """Answer to `containers/<id>/wait`."""

    exit_code: int = Field(alias="StatusCode")


class Image(_Said):
    """One image in detail."""

    id: str = Field(alias="Id")


class _ErrorDetail(_Said):
    message: str = ""


class Progress(_Said):
    """One line of the answer to a pull, an import or a build."""

    status: str = ""
    stream: str = ""
    id: str = ""
    progress: str = ""
    error: str = ""
    error_detail: _ErrorDetail | None = Field(None, alias="errorDetail")


class _CpuUsage(_Said):
    total_ns: int = Field(alias="total_usage")


class _CpuStats(_Said):
    usage: _CpuUsage = Field(alias="cpu_usage")


class _MemoryStats(_Said):
    usage_bytes: int = Field(default=0, alias="usage")
    stats: dict[str, int] = {}


class Stats(_Said):
    """One line of `containers/<id>/stats`. Memory is left out once the container has ended."""

    cpu: _CpuStats = Field(alias="cpu_stats")
    memory: _MemoryStats = Field(alias="memory_stats")

    @property
    def cpu_ns(self) -> int:
        """CPU time since the start."""
        return self.cpu.usage.total_ns

    @property
    def memory_bytes(self) -> int:
        """Memory without the page cache that the kernel would give back, as `docker stats` counts it."""
        stats = self.memory.stats
        inactive = stats.get("total_inactive_file", stats.get("inactive_file", 0))
        return max(self.memory.usage_bytes - inactive, 0)
