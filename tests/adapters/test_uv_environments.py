"""Environments: locked once, built once, found at once."""

import asyncio
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path, PurePosixPath

import pytest

from fastflow.adapters.process.toolbox import ProcessToolbox
from fastflow.adapters.uv.environments import UvEnvironments
from fastflow.domain.environment import Environment
from fastflow.domain.ports import Completed


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


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uv-store")


@pytest.fixture
def toolbox(store: Path) -> CountingToolbox:
    return CountingToolbox(ProcessToolbox(store))


@pytest.fixture
def environments(store: Path, toolbox: CountingToolbox) -> UvEnvironments:
    return UvEnvironments(store, toolbox, "")


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


async def test_what_requirements_txt_asks_for_can_be_imported(
    environments: UvEnvironments, tmp_path: Path
) -> None:
    checkout = pipeline(tmp_path / "report", requirements_txt="six==1.16.0\nidna\n")

    environment = await environments.prepare(checkout, None)

    version = await asyncio.to_thread(run_python, environment, "import six, idna; print(six.__version__)")
    assert version == "1.16.0"


async def test_the_second_call_starts_no_command(
    environments: UvEnvironments, toolbox: CountingToolbox, tmp_path: Path
) -> None:
    checkout = pipeline(tmp_path / "report", requirements_txt="six==1.16.0\nidna\n")
    first = await environments.prepare(checkout, None)
    toolbox.commands.clear()

    assert await environments.prepare(checkout, None) == first
    assert toolbox.commands == []
