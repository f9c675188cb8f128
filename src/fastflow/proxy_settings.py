"""Every knob of `fastflow docker-proxy` with its unit and default; read from the environment."""

import re
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from fastflow.domain.limits import parse_bytes

_USER = re.compile(r"[1-9][0-9]{0,9}:[1-9][0-9]{0,9}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


class ProxySettings(BaseSettings):
    """The proxy's settings; where it says so, those of the server fill in. Lists are separated by commas."""

    model_config = SettingsConfigDict(
        env_prefix="FASTFLOW_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    proxy_listen: str = Field(
        "unix:///run/fastflow/docker-proxy.sock",
        description="Where the server reaches the proxy: unix:///path, or http://127.0.0.1:port.",
    )
    proxy_socket_gid: int | None = Field(
        None, ge=0, description="Group that may use the socket, if not the proxy's own; its mode is 0660."
    )
    proxy_engine: str = Field(
        "unix:///var/run/docker.sock", description="The Docker Engine behind the proxy: unix:// or http://."
    )
    proxy_name: str = Field(
        "",
        description="Written on each container; the proxy touches no other. Empty: made from DATA_DIR, so "
        "that proxies of several installations on one Engine differ.",
    )
    proxy_images: str = Field(
        "",
        description="Images that containers are made from. Empty: RUNNER_IMAGE, or those taken without it.",
    )
    proxy_networks: str = Field(
        "", description="Networks that containers may join besides none. Empty: RUN_NETWORK."
    )
    proxy_read_roots: str = Field(
        "",
        description="Folders and files of the Engine's host that containers may read. Empty: the checkouts "
        "in DATA_DIR, and the certificate authorities.",
    )
    proxy_write_roots: str = Field(
        "", description="Folders below which an attempt may write its own one. Empty: DATA_DIR/attempts."
    )
    proxy_uv_store: Path | None = Field(
        None,
        description="The uv store, which preparing containers write. Default: UV_CACHE_DIR, DATA_DIR/uv.",
    )
    proxy_user: str = Field(
        "", description="uid:gid of every container. Empty: the proxy's own, or 1000:1000 where that is root."
    )
    proxy_max_memory: str = Field(
        "8g",
        description="Memory that a container may have, and has where it asks for no limit; empty = no limit.",
    )
    proxy_max_cpu_cores: float = Field(
        0,
        ge=0,
        description="Cores that a container may have, and has where it asks for no limit; 0 = no limit.",
    )
    proxy_max_processes: int = Field(
        4096, ge=1, description="Processes and threads that a container may have."
    )
    proxy_max_temporary_mb: int = Field(1024, ge=1, description="MiB that the /tmp of a container may have.")
    proxy_server_container: str = Field(
        "",
        description="Name of the container that the server runs in, if any; it may ask for its own mounts.",
    )

    @field_validator("proxy_user")
    @classmethod
    def _unprivileged(cls, value: str) -> str:
        if value and not _USER.fullmatch(value):
            raise ValueError("write uid:gid as two numbers above 0, such as 1000:1000")
        return value

    @field_validator("proxy_name", "proxy_server_container")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        if value and not _NAME.fullmatch(value):
            raise ValueError("write letters, digits, _ . and -, at most 63")
        return value

    @field_validator("proxy_networks")
    @classmethod
    def _networks_of_their_own(cls, value: str) -> str:
        for name in names_in(value):
            if name in ("host", "default") or not _NAME.fullmatch(name):
                raise ValueError(
                    f"{name} is no network that containers of their own can be in; write its name"
                )
        return value

    @field_validator("proxy_read_roots", "proxy_write_roots")
    @classmethod
    def _absolute(cls, value: str) -> str:
        for name in names_in(value):
            if not name.startswith("/") or name.startswith("//") or ".." in name.split("/") or name == "/":
                raise ValueError(f"{name} is no plain absolute path of a folder or file below /")
        return value

    @field_validator("proxy_max_memory")
    @classmethod
    def _size(cls, value: str) -> str:
        if value:
            parse_bytes(value)
        return value


def names_in(text: str) -> list[str]:
    """Return the entries of a list that is separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]
