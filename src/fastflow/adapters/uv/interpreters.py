"""Finds the Python interpreter that a pipeline gets, asking the toolbox once for each."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Final

from fastflow.adapters.uv.commands import run_uv
from fastflow.adapters.uv.python_requirement import Version, meets
from fastflow.domain.environment import EnvironmentFailed
from fastflow.domain.errors import Unavailable
from fastflow.domain.ports import Toolbox

# A version, as precise as one likes; never a path or an option, which uv would take as well.
_REQUEST: Final = re.compile(r"\d+(?:\.\d+){0,2}(?:(?:a|b|rc)\d+)?t?")
_FIND_LIMIT: Final = timedelta(minutes=10)  # uv downloads the interpreter where it has none
_PROBE: Final = (
    "import json, os, sys; base = getattr(sys, '_base_executable', sys.executable); "
    "print(json.dumps([sys.version_info[:3], os.path.realpath(base)]))"
)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python of the toolbox."""

    version: Version
    executable: PurePosixPath
    """As the toolbox sees it, links resolved."""

    @property
    def text(self) -> str:
        """The version as people write it."""
        return ".".join(map(str, self.version))


class Interpreters:
    """Chooses between the manifest's version, the pipeline's `requires-python` and the default."""

    def __init__(self, toolbox: Toolbox, default_python: str) -> None:
        self._toolbox = toolbox
        self._default = default_python
        self._known: dict[str, Interpreter] = {}

    async def choose(self, python_version: str | None, requires_python: str) -> Interpreter:
        """Return the interpreter; the manifest's wish comes first, but never against `requires_python`.

        Raises:
            EnvironmentFailed: the wishes contradict each other, or there is no such interpreter.
            Unavailable: the toolbox or the network did not let us find out.
        """
        if python_version and not _REQUEST.fullmatch(python_version):
            raise EnvironmentFailed(f"python_version {python_version!r} is not a version such as '3.12'")
        found = await self._find(python_version or self._default)
        if meets(found.version, requires_python):
            return found
        if python_version:
            raise EnvironmentFailed(
                f"The manifest asks for Python {python_version} (found {found.text}), but the pipeline's "
                f"requires-python is {requires_python!r}. Change one of them."
            )
        return await self._find(requires_python)

    async def _find(self, request: str) -> Interpreter:
        """Ask uv, or for an empty request take the toolbox's own `python3`."""
        known = self._known.get(request)
        if known is None:
            known = self._known[request] = await self._ask(request)
        return known

    async def _ask(self, request: str) -> Interpreter:
        if request:
            arguments = ["run", "--no-project", f"--python={request}", "python", "-c", _PROBE]
            answer = await run_uv(self._toolbox, arguments, time_limit=_FIND_LIMIT)
        else:
            completed = await self._toolbox.run(
                ["python3", "-c", _PROBE], checkout=None, time_limit=_FIND_LIMIT
            )
            answer = completed.stdout
        try:
            version, executable = json.loads(answer)
            return Interpreter((version[0], version[1], version[2]), PurePosixPath(executable))
        except (ValueError, IndexError, TypeError) as error:
            raise Unavailable("python_missing", "python3 of the toolbox does not work") from error
