"""Toolboxes that tell what they did, and pipelines to make environments for."""

import asyncio
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path, PurePosixPath

from fastflow.adapters.process.toolbox import ProcessToolbox
from fastflow.adapters.uv.environments import UvEnvironments
from fastflow.domain.environment import Environment
from fastflow.domain.environment_ports import Completed

FIND_BOTH = """
from importlib.metadata import distributions
installed = {found.name: found.version for found in distributions()}
print(installed.get("six"), installed.get("idna"))
"""


class CountingToolbox:
    """A real toolbox that keeps what it was asked to run."""

    def __init__(self, inner: ProcessToolbox) -> None:
        self._inner = inner
        self.commands: list[list[str]] = []

    @property
    def store(self) -> PurePosixPath:
        return self._inner.store

    @property
    def platform_key(self) -> str:
        return self._inner.platform_key

    @property
    def is_mounted(self) -> bool:
        return self._inner.is_mounted

    async def run(
        self, arguments: Sequence[str], *, checkout: Path | None, time_limit: timedelta, stdin: bytes = b""
    ) -> Completed:
        self.commands.append(list(arguments))
        return await self._inner.run(arguments, checkout=checkout, time_limit=time_limit, stdin=stdin)

    def count(self, *words: str) -> int:
        return sum(all(word in command for word in words) for command in self.commands)


class MountedToolbox(CountingToolbox):
    """Says that attempts get one environment mounted, as a preparing container does."""

    @property
    def is_mounted(self) -> bool:
        return True


class HangingToolbox(CountingToolbox):
    """Never comes back from the commands with that word."""

    def __init__(self, inner: ProcessToolbox, word: str) -> None:
        super().__init__(inner)
        self._word = word
        self.is_hanging = asyncio.Event()

    async def run(
        self, arguments: Sequence[str], *, checkout: Path | None, time_limit: timedelta, stdin: bytes = b""
    ) -> Completed:
        if self._word in arguments:
            self.is_hanging.set()
            await asyncio.Event().wait()
        return await super().run(arguments, checkout=checkout, time_limit=time_limit, stdin=stdin)


def pipeline(folder: Path, **files: str) -> Path:
    """Make a checkout; `requirements_txt="…"` becomes the file `requirements.txt`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {"main_py": "print('hello')\n", **files}.items():
        (folder / name.replace("_", ".")).write_text(content)
    return folder


def run_python(environment: Environment, code: str) -> str:
    done = subprocess.run(
        [environment.python, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    return done.stdout.strip()


async def environment_of(
    environments: UvEnvironments, checkout: Path, python_version: str | None = None
) -> Environment:
    """Return the environment of a checkout, made if need be."""
    return (await environments.prepare(checkout, python_version)).environment
