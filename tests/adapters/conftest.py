"""A uv store shared by all tests of this ring, so that packages are downloaded once."""

from pathlib import Path

import pytest

from fastflow.adapters.process.toolbox import ProcessToolbox
from fastflow.adapters.uv.environments import UvEnvironments
from tests.adapters.uv_house import CountingToolbox


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uv-store")


@pytest.fixture
def toolbox(store: Path) -> CountingToolbox:
    return CountingToolbox(ProcessToolbox(store))


@pytest.fixture
def environments(store: Path, toolbox: CountingToolbox) -> UvEnvironments:
    return UvEnvironments(store, toolbox, "")
