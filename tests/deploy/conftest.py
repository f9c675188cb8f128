"""Fixtures of this ring: the image of this commit and of the one before, built as users build them."""

import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.stack import Stack, stack_in
from tests.plugins.debian import find_program

REPOSITORY = Path(__file__).parents[2]
CURRENT = "fastflow:test-current"
PREVIOUS = "fastflow:test-previous"
_BUILD_SECONDS = 900
_FILES = ("deploy/Dockerfile", "deploy/build", "pyproject.toml", "uv.lock")


@pytest.fixture(scope="session")
def current_image(runner_image: str) -> str:
    """`deploy/build --from-debian`, of the files as they are."""
    del runner_image  # its base is what the first stage is made from
    _run(["deploy/build", "--from-debian", CURRENT], REPOSITORY)
    return CURRENT


@pytest.fixture(scope="session")
def previous_image(current_image: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """That of the commit before; of a repository without one, the current image under another name."""
    source = tmp_path_factory.mktemp("previous")
    archive = source.with_suffix(".tar")
    found = subprocess.run(
        ["git", "archive", "--output", str(archive), "HEAD^"],
        cwd=REPOSITORY,
        capture_output=True,
        timeout=60,
        check=False,
    )
    if found.returncode == 0:
        with tarfile.open(archive) as tar:
            tar.extractall(source, filter="data")
    if not all((source / name).exists() for name in _FILES):
        _run(["docker", "tag", current_image, PREVIOUS], REPOSITORY)
        return PREVIOUS
    for certificate in (REPOSITORY / "deploy/certificates").glob("*.crt"):
        shutil.copy(certificate, source / "deploy/certificates")
    (source / ".venv").symlink_to(REPOSITORY / ".venv")
    _run(["deploy/build", "--from-debian", PREVIOUS], source)
    return PREVIOUS


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """The stack as it is shipped, with nothing in it yet; nothing of it is left."""
    compose = find_program("docker-compose", "docker-compose")
    with stack_in(tmp_path, REPOSITORY / "deploy", compose) as stack:
        yield stack


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_BUILD_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
