"""`fastflow docker-proxy`: the one process that touches the Docker socket."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from fastflow.cli.failures import failure_of
from fastflow.cli.options import examples
from fastflow.cli.output import say
from fastflow.cli.server_settings import read_proxy_settings, read_settings
from fastflow.domain.errors import FastFlowError

EXAMPLES = examples(
    "fastflow docker-proxy --data-dir /var/lib/fastflow",
    "fastflow docker-proxy --listen http://127.0.0.1:2375",
    "FASTFLOW_PROXY_USER=1500:1500 FASTFLOW_PROXY_MAX_MEMORY=2g fastflow docker-proxy",
    "DOCKER_PROXY_URL=unix:///run/fastflow/docker-proxy.sock fastflow up",
)


def docker_proxy(
    listen: Annotated[
        str | None, typer.Option(help="unix:///path or http://127.0.0.1:port; see FASTFLOW_PROXY_LISTEN.")
    ] = None,
    engine: Annotated[str | None, typer.Option(help="The Docker Engine; /var/run/docker.sock.")] = None,
    name: Annotated[
        str | None, typer.Option(help="Name that its containers carry; see FASTFLOW_PROXY_NAME.")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="The server's DATA_DIR, as the Engine's host sees it.")
    ] = None,
) -> None:
    """Stand between the server and the Docker Engine, and let only Fast-Flow's own requests through.

    Run it as a user who may use the Docker socket; the server then needs no access to it. What it allows
    comes from the settings FASTFLOW_PROXY_… (docs/reference/settings.md); it says so when it starts.
    """
    settings = read_settings({"data_dir": data_dir})
    proxy = read_proxy_settings({"proxy_listen": listen, "proxy_engine": engine, "proxy_name": name})
    from fastflow.main.docker_proxy import run_proxy
    from fastflow.main.logging import configure_logging

    configure_logging(is_terminal=sys.stderr.isatty())
    try:
        run_proxy(settings, proxy, lambda message: say(f"fastflow: {message}"))
    except FastFlowError as error:
        raise failure_of(error) from error
