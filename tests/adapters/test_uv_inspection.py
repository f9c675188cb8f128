"""What is told of environments and lockfiles without making anything."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fastflow.adapters.uv.builder import MARKER
from fastflow.adapters.uv.inspection import inspect
from fastflow.adapters.uv.locked_packages import LockedPackages, packages_in
from fastflow.adapters.uv.lockfiles import Lockfile
from fastflow.domain.environment import BuiltEnvironment, Package

KEY = "0123456789abcdef0123456789abcdef"


def environment(store: Path, key: str = KEY) -> Path:
    directory = store / "env" / key
    packages = directory / "lib" / "python3.12" / "site-packages"
    for name in ("six-1.17.0.dist-info", "Foo_Bar-2.0+local.dist-info", "six.py", "no_version.dist-info"):
        (packages / name).mkdir(parents=True)
    marker = {"lockfile_key": "l", "python": "3.12.4", "created_at_seconds": 1, "size_bytes": 4711}
    (directory / MARKER).write_text(json.dumps(marker))
    return directory


def test_an_environment_tells_its_interpreter_packages_size_and_age(tmp_path: Path) -> None:
    environment(tmp_path)
    assert inspect(tmp_path, KEY) == BuiltEnvironment(
        "3.12.4",
        (Package("foo-bar", "2.0+local"), Package("six", "1.17.0")),
        4711,
        datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("marker", ["", "{", "[]", '{"python": "3.12"}'])
def test_one_that_is_not_whole_is_none(tmp_path: Path, marker: str) -> None:
    (environment(tmp_path) / MARKER).write_text(marker)
    assert inspect(tmp_path, KEY) is None


@pytest.mark.parametrize("key", ["", "../env/" + KEY, KEY[:-1], KEY.upper() + "/"])
def test_a_key_that_is_none_leads_nowhere(tmp_path: Path, key: str) -> None:
    environment(tmp_path)
    assert inspect(tmp_path, key) is None


def test_a_lockfile_lists_what_it_pins_without_hashes_markers_and_passwords() -> None:
    text = (
        "--index-url https://user:pass@index.example/simple\n"
        "idna==3.7 ; python_version >= '3.8' \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        "Foo.Bar[extra]==2.0 --hash=sha256:cc\n"
        "tool @ git+https://token:x@git.example/t.git@abc123\n"
    )
    assert packages_in(text) == (
        Package("foo-bar", "2.0"),
        Package("idna", "3.7"),
        Package("tool", "git+https://git.example/t.git@abc123"),
    )


def test_a_lockfile_is_found_by_its_content_as_long_as_it_is_there(tmp_path: Path) -> None:
    locked = LockedPackages(tmp_path / "lock")
    text = "six==1.17.0 --hash=sha256:aa\n"
    key = Lockfile(text).key
    assert locked.of("") == ()
    assert locked.of(key) is None
    (tmp_path / "lock").mkdir()
    (tmp_path / "lock" / "inputs1.txt").write_text(text)
    (tmp_path / "lock" / "inputs2.txt").write_text("idna==3.7\n")
    (tmp_path / "lock" / ".inputs3.txt-draft").write_text("half")
    assert locked.of(key) == (Package("six", "1.17.0"),)
    (tmp_path / "lock" / "inputs1.txt").unlink()
    assert locked.of(key) is None
