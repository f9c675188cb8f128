"""What a run was promised when it was accepted: resolved once, stored with it, used by every attempt."""

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from fastflow.domain.limits import Limits
from fastflow.domain.manifest import DownstreamTrigger, Network
from fastflow.domain.retry import ExponentialBackoff, RetryStrategy


class RunSpec(BaseModel):
    """The settings of one run after manifest, schedule and global defaults were merged.

    A retry uses the spec of the run, never a newer manifest. Decrypted secrets are never part of it.
    """

    model_config = ConfigDict(frozen=True)

    run_config_id: str | None = Field(
        None, description="the `id` of the manifest's schedule that these settings came from"
    )
    timeout_seconds: int = Field(0, ge=0, description="0 means no limit")
    retry_attempts: int = Field(0, ge=0, description="further attempts after the first")
    retry_strategy: RetryStrategy = ExponentialBackoff()
    cpu_cores: float | None = None
    memory_bytes: int | None = None
    soft_cpu_cores: float | None = None
    soft_memory_bytes: int | None = None
    python_version: str | None = None
    network: Network = Network.DEFAULT
    default_variables: dict[str, str] = Field(default_factory=dict, description="the manifest's default_env")
    variables: dict[str, str] = Field(default_factory=dict, description="the trigger's own; they win")
    secrets: list[str] = Field(
        default_factory=list, description="names of the stored secrets it finds in variables"
    )
    secret_files: list[str] = Field(
        default_factory=list, description="names of the stored secrets it finds in files"
    )
    encrypted_variables: dict[str, str] = Field(
        default_factory=dict, description="encrypted_env: ciphertexts, decrypted when an attempt starts"
    )
    given_parameters: dict[str, JsonValue] = Field(default_factory=dict)
    parameters: dict[str, JsonValue] = Field(
        default_factory=dict, description="those given, with the defaults of the manifest's schema"
    )

    downstream_triggers: list[DownstreamTrigger] = Field(
        default_factory=list[DownstreamTrigger], description="what follows it, as its manifest said then"
    )

    @property
    def all_variables(self) -> dict[str, str]:
        """The variables of the run before Fast-Flow adds its own."""
        return {**self.default_variables, **self.variables}

    @property
    def limits(self) -> Limits:
        """The resource limits as executors want them."""
        return Limits(
            cpu_cores=self.cpu_cores,
            memory_bytes=self.memory_bytes,
            soft_cpu_cores=self.soft_cpu_cores,
            soft_memory_bytes=self.soft_memory_bytes,
        )
