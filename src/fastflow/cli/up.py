"""`fastflow up`: the server."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fastflow.cli.failures import failure_of
from fastflow.cli.options import examples
from fastflow.cli.output import say
from fastflow.cli.server_settings import read_settings
from fastflow.domain.errors import FastFlowError

if TYPE_CHECKING:
    from fastflow.settings import Settings

EXAMPLES = examples(
    "fastflow up",
    "fastflow up --pipelines-dir ~/pipelines --data-dir /var/lib/fastflow",
    "fastflow up --executor process --port 8080",
    "FASTFLOW_MAX_CONCURRENT_RUNS=4 fastflow up",
)


def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port to listen on; 8000 by default.")] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where everything is kept; ./data by default.")
    ] = None,
    pipelines_dir: Annotated[Path | None, typer.Option(help="The folder of pipelines.")] = None,
    executor: Annotated[
        str | None, typer.Option(metavar="auto|docker|process", help="What starts attempts.")
    ] = None,
) -> None:
    """Run the server until Ctrl-C. Runs that go on then are taken up by the next start.

    Every setting is an environment variable too (docs/reference/settings.md); an option wins over it.
    """
    settings = read_settings(
        {
            "host": host,
            "port": port,
            "data_dir": data_dir,
            "pipelines_dir": pipelines_dir,
            "executor": executor,
        }
    )
    from fastflow.main.logging import configure_logging

    configure_logging(is_terminal=sys.stderr.isatty())
    try:
        _serve(settings)
    except FastFlowError as error:
        raise failure_of(error) from error


def _serve(settings: "Settings") -> None:
    from fastflow.main.server import run

    run(settings, lambda message: say(f"fastflow: {message}"))
