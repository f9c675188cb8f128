"""What deploy/compose.yaml may be told: every setting with its meaning and default, as a file to copy."""

import textwrap
from collections.abc import Iterator
from typing import Any

from pydantic import SecretStr

from fastflow.proxy_settings import ProxySettings
from fastflow.settings import Settings

OF_COMPOSE = (
    ("FASTFLOW_IMAGE", "fastflow:latest", "Image of server and proxy; with a registry's name it is pulled."),
    (
        "FASTFLOW_DATA",
        "/var/lib/fastflow",
        "Folder of the host that holds everything; mounted under this very path.",
    ),
    (
        "FASTFLOW_PIPELINES",
        "/var/lib/fastflow/pipelines",
        "Folder of the host with pipelines; Git repositories are added in the browser or by GIT_REPO_URL.",
    ),
    ("FASTFLOW_PUBLISH", "127.0.0.1:8000", "Where the host answers; behind a reverse proxy leave it so."),
    ("FASTFLOW_MEMORY", "1g", "Memory that the server may have."),
    (
        "FASTFLOW_SERVER_CONTAINER",
        "fastflow",
        "Name of the server's container; another one for a second stack.",
    ),
    (
        "DOCKER_SOCKET",
        "/var/run/docker.sock",
        "Docker's socket on the host; rootless Docker's and Podman's are untried.",
    ),
)
SET_BY_COMPOSE = frozenset(
    {
        "host",
        "port",
        "data_dir",
        "pipelines_dir",
        "executor",
        "docker_proxy_url",
        "proxy_listen",
        "proxy_socket_gid",
        "proxy_engine",
        "proxy_user",
        "proxy_server_container",
    }
)


def environment_file() -> str:
    """Return what deploy/compose.yaml may be told: every variable with its meaning and default."""
    sections: list[tuple[str, list[tuple[str, Any, str]]]] = [
        ("The stack", list(OF_COMPOSE)),
        ("The server", list(_told(Settings))),
        ("docker-proxy", list(_told(ProxySettings))),
    ]
    lines = [
        "# Settings of compose.yaml: copy this file to .env, and take the # away before what you change.",
        "# Written by `make reference`; change the code instead.",
    ]
    for title, variables in sections:
        lines += ["", f"# --- {title} ---"]
        for name, default, meaning in variables:
            lines += ["", *textwrap.wrap(meaning, 108, initial_indent="# ", subsequent_indent="# ")]
            lines.append(f"#{name}={default}")
    return "\n".join(lines) + "\n"


def _told(settings: type[Settings | ProxySettings]) -> Iterator[tuple[str, Any, str]]:
    for name, field in settings.model_fields.items():
        if name not in SET_BY_COMPOSE:
            default = field.default
            if isinstance(default, SecretStr):
                default = ""
            yield f"FASTFLOW_{name.upper()}", "" if default is None else default, field.description or ""
