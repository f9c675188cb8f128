"""Makes one rig for each executor that fulfils the contract."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from fastflow.adapters.process.executor import ProcessExecutor
from tests.contract.rig import Rig
from tests.fakes.executor import FakeExecutor


def _fake(folder: Path) -> Rig:
    engine = FakeExecutor()
    return Rig(folder, lambda: engine, engine.script)


def _process(folder: Path) -> Rig:
    root = folder / "executor"
    return Rig(folder, lambda: ProcessExecutor(root))


_RIGS = {"fake": _fake, "process": _process}


@pytest.fixture(params=[*_RIGS])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    made = _RIGS[cast(str, request.param)](tmp_path)
    yield made
    await made.close()
