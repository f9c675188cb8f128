"""Finds the Python interpreter that a pipeline gets, asking the toolbox once for each."""

import asyncio
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Final

from fastflow.adapters.uv.commands import run_uv
from fastflow.adapters.uv.python_requirement import Version, meets
from fastflow.adapters.uv.single_flight import SingleFlight
from fastflow.adapters.uv.whole_file import write_whole
from fastflow.domain.environment import EnvironmentFailed
from fastflow.domain.environment_ports import Toolbox
from fastflow.domain.errors import Unavailable

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

    def __init__(self, place: Path, toolbox: Toolbox, default_python: str) -> None:
        """Answers of a preparing container are kept at `place`: its image fixes them for good."""
        self._place = place if toolbox.is_mounted else None
        self._toolbox = toolbox
        self._default = default_python
        self._known: dict[str, Interpreter] = {}
        self._asking: SingleFlight[str, Interpreter] = SingleFlight()

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
        if request not in self._known:
            self._known[request] = await self._asking.run(request, lambda: self._recall_or_ask(request))
        return self._known[request]

    async def _recall_or_ask(self, request: str) -> Interpreter:
        if self._place is None:
            return _parse(await self._ask(request))
        name = hashlib.sha256(f"{self._toolbox.platform_key}\0{request}".encode()).hexdigest()[:32]
        file = self._place / f"{name}.json"
        kept = await asyncio.to_thread(_read_if_there, file)
        if kept is not None:
            return _parse(kept)
        answer = await self._ask(request)
        interpreter = _parse(answer)
        await asyncio.to_thread(write_whole, file, answer)
        return interpreter

    async def _ask(self, request: str) -> bytes:
        if request:
            arguments = ["run", "--no-project", f"--python={request}", "python", "-c", _PROBE]
            return await run_uv(self._toolbox, arguments, time_limit=_FIND_LIMIT)
        completed = await self._toolbox.run(["python3", "-c", _PROBE], checkout=None, time_limit=_FIND_LIMIT)
        return completed.stdout


def _parse(answer: bytes) -> Interpreter:
    try:
        version, executable = json.loads(answer)
        return Interpreter((version[0], version[1], version[2]), PurePosixPath(executable))
    except (ValueError, IndexError, TypeError) as error:
        raise Unavailable("python_missing", "python3 of the toolbox does not work") from error


def _read_if_there(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
