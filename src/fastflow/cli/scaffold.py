"""`fastflow new`: a pipeline to begin with."""

import json
from pathlib import Path
from typing import Annotated

import typer

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.options import DEFAULT_SERVER, examples
from fastflow.cli.output import emit
from fastflow.cli.server_settings import read_settings
from fastflow.domain.names import is_pipeline_name

EXAMPLES = examples("fastflow new report", "fastflow new report --dir ~/pipelines")

_MAIN = """\
import os

name = os.environ.get("PARAM_NAME", "world")
print(f"Hello, {name}!")
"""
_MANIFEST = {
    "$schema": f"{DEFAULT_SERVER}/api/schemas/pipeline.json",
    "description": "Says hello.",
    "timeout": 600,
    "parameters": {
        "type": "object",
        "properties": {"name": {"type": "string", "default": "world"}},
    },
}
_FILES = {
    "main.py": _MAIN,
    "requirements.txt": "",
    "pipeline.json": json.dumps(_MANIFEST, indent=2) + "\n",
}


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The pipeline's name, and its folder's.")],
    directory: Annotated[
        Path | None,
        typer.Option("--dir", metavar="DIR", help="The folder of pipelines; PIPELINES_DIR by default."),
    ] = None,
) -> None:
    """Make a small pipeline that runs as it is. Nothing that exists is overwritten."""
    if not is_pipeline_name(name):
        raise CommandFailed(
            ExitCode.USAGE,
            f"{name!r} can't be the name of a pipeline: letters, digits, _ . - (64 at most, "
            "the first a letter or a digit).",
        )
    usual = read_settings({}).pipelines_dir
    folder = (directory or usual) / name
    try:
        folder.mkdir(parents=True)
        for file, content in _FILES.items():
            (folder / file).write_text(content, encoding="utf-8")
    except FileExistsError as error:
        raise CommandFailed(
            ExitCode.FAILED, f"{folder} exists already and is left as it is. Choose another name."
        ) from error
    except OSError as error:
        raise CommandFailed(ExitCode.FAILED, f"{folder} can't be made: {error.strerror}.") from error
    option = f" --pipelines-dir {directory}" if directory not in (None, usual) else ""
    emit(f"made {folder}: {', '.join(_FILES)}")
    emit(f"run it here:      fastflow run {folder}")
    emit(f"start the server: fastflow up{option}")
    emit(f"run it there:     fastflow trigger {name} --follow")
