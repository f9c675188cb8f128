"""Puts an interpreter that uv downloaded into the environment itself."""

import re
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Final

from fastflow.adapters.uv.interpreters import Interpreter
from fastflow.domain.environment_ports import Toolbox
from fastflow.domain.errors import Unavailable

FOLDER: Final = ".python"
_COPY_LIMIT: Final = timedelta(minutes=5)
_HOME: Final = re.compile(r"(?m)^home = .*$")


def has_to_be_embedded(toolbox: Toolbox, interpreter: Interpreter) -> bool:
    """Return whether attempts would miss it: they get one environment mounted, not the store."""
    return toolbox.is_mounted and toolbox.store in interpreter.executable.parents


async def copy_into(toolbox: Toolbox, environment: PurePosixPath, interpreter: Interpreter) -> None:
    """Copy the interpreter into the environment (path in the toolbox) by hardlinks: that costs no space.

    Raises:
        Unavailable: `disk_failed`, or the toolbox's own.
    """
    origin = interpreter.executable.parents[1]
    completed = await toolbox.run(
        ["cp", "-al", str(origin), str(environment / FOLDER)], checkout=None, time_limit=_COPY_LIMIT
    )
    if completed.exit_code != 0:
        reason = completed.stderr.decode(errors="replace").strip()
        raise Unavailable("disk_failed", f"The interpreter can't be copied: {reason}")


def point_at_copy(building: Path, final: PurePosixPath, interpreter: Interpreter) -> None:
    """Make the environment use its copy, once it is at `final` (as attempts see it). Blocks on files."""
    name = interpreter.executable.name
    python = building / "bin" / "python"
    python.unlink()
    python.symlink_to(PurePosixPath("..", FOLDER, "bin", name))
    configuration = building / "pyvenv.cfg"
    text = configuration.read_text(encoding="utf-8")
    configuration.write_text(_HOME.sub(f"home = {final / FOLDER / 'bin'}", text), encoding="utf-8")
