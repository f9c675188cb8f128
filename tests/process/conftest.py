"""A rig for the process executor alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fastflow.adapters.process.executor import ProcessExecutor
from tests.contract.rig import Rig


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the executor keeps its attempts."""
    return tmp_path / "executor"


@pytest.fixture
async def rig(tmp_path: Path, root: Path) -> AsyncIterator[Rig]:
    made = Rig(tmp_path, lambda: ProcessExecutor(root))
    yield made
    await made.close()
