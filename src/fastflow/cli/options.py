"""The options that many commands share."""

from typing import Annotated

import typer

ServerOption = Annotated[
    str,
    typer.Option(
        "--server",
        envvar="FASTFLOW_SERVER",
        metavar="URL",
        help="Address of the server.",
        show_default="where you signed in last, or http://127.0.0.1:8000",
    ),
]
DEFAULT_SERVER = ""
"""What is meant by it is decided when the server is asked: see `credential.place_of`."""
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="The run: its id, a beginning or end of it that no other has, 'latest', or NAME:latest.",
    ),
]


def examples(*lines: str) -> str:
    """Return the epilog of a command's help: what to type."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
