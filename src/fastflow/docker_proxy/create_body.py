"""The body of `containers/create` as Fast-Flow writes it: every field, and the values it may have."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal

from fastflow.docker_proxy.refusal import Refused

_Text = Annotated[str, Field(max_length=128 * 1024)]
_Count = Annotated[int, Field(gt=0, lt=2**63)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, alias_generator=to_pascal)


class LogConfig(_Part):
    """Logs in the one form that can be read again from their beginning."""

    type: Literal["json-file"]
    config: dict[str, str] = Field(max_length=0)


class Mount(_Part):
    """A folder or file of the host. No options: its propagation is private."""

    type: Literal["bind"]
    source: _Text
    target: _Text
    read_only: bool


class HostConfig(_Part):
    """The hardening, all of it required; limits that may be left to the proxy."""

    mounts: list[Mount] = Field(max_length=8)
    readonly_rootfs: Literal[True]
    tmpfs: dict[str, _Text] = Field(max_length=2)
    cap_drop: tuple[Literal["ALL"]] = Field(strict=False)
    security_opt: tuple[Literal["no-new-privileges"]] = Field(strict=False)
    pids_limit: _Count
    init: Literal[True]
    log_config: LogConfig
    auto_remove: Literal[False]
    runtime: Literal["crun"] | None = None
    memory: _Count | None = None
    memory_swap: _Count | None = None
    nano_cpus: _Count | None = None
    network_mode: Annotated[str, Field(max_length=255)]


class CreateBody(_Part):
    """A container to be made."""

    image: Annotated[str, Field(max_length=512)]
    cmd: list[_Text] = Field(max_length=4096)
    entrypoint: list[str] = Field(max_length=0)
    working_dir: _Text
    user: Annotated[str, Field(max_length=64)]
    env: list[_Text] = Field(max_length=4096)
    labels: dict[str, Annotated[str, Field(max_length=4096)]] = Field(max_length=16)
    network_disabled: bool = False
    host_config: HostConfig


def parse_create_body(value: Any) -> CreateBody:
    """Return the body, typed.

    Raises:
        Refused: a field is unknown, missing, or has another value than ours; the first one is named.
    """
    try:
        return CreateBody.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the body"
        raise Refused(f"{place[:120]}: {first['msg']}") from error
