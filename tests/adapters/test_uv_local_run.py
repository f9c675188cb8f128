"""Running a pipeline locally: the same environment, and a plain command that does the same without us."""

import asyncio
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import JsonValue
from uv import find_uv_bin

from fastflow.adapters.files.attempt_directory import AttemptDirectories
from fastflow.adapters.process.toolbox import ProcessToolbox
from fastflow.adapters.uv.dependencies import Dependencies
from fastflow.adapters.uv.environments import UvEnvironments
from fastflow.adapters.uv.local_run import LocalRun, plain_command, prepare_local_run, user_cache
from fastflow.domain.environment import DependencySource

SHOW = """
import json, os
try:
    import six
except ImportError:
    six = None
names = [name for name in os.environ if name.startswith(("FASTFLOW_", "PARAM_", "COLOUR", "VIRTUAL_ENV"))]
variables = {name: os.environ[name] for name in names}
print(json.dumps({"six": getattr(six, "__version__", None), "cwd": os.getcwd(), "variables": variables}))
"""
PEP_723 = '# /// script\n# dependencies = ["six==1.16.0"]\n# ///\n'
PROJECT = (
    '[project]\nname = "report"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["six==1.16.0"]\n'
)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("local-uv-store")


async def prepare(
    store: Path,
    pipeline: Path,
    variables: Mapping[str, str] | None = None,
    parameters: Mapping[str, JsonValue] | None = None,
) -> LocalRun:
    toolbox = ProcessToolbox(store)
    environments = UvEnvironments(store, toolbox, "")
    directory = await AttemptDirectories(pipeline.parent / "attempts", None).create(
        "local-1", 1, parameters or {}
    )
    return await prepare_local_run(
        environments,
        pipeline,
        directory,
        run_id="local-1",
        python_version=None,
        variables=variables or {},
        parameters=parameters or {},
    )


def execute(run: LocalRun) -> dict[str, JsonValue]:
    done = subprocess.run(
        run.arguments,
        env=run.variables,
        cwd=run.working_directory,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


def execute_plainly(command: str, store: Path) -> dict[str, JsonValue]:
    """Run the command as a user's shell would, with uv on the PATH."""
    variables = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    variables["PATH"] = f"{Path(find_uv_bin()).parent}{os.pathsep}{os.environ['PATH']}"
    variables["UV_CACHE_DIR"] = str(store / "cache")
    variables["TMPDIR"] = str(store)  # uv leaves a lock file there
    done = subprocess.run(
        ["sh", "-c", command], env=variables, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def pipeline(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content)
    return folder


async def test_the_program_sees_what_a_run_sees(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere/else")
    folder = pipeline(tmp_path / "report", main_py=SHOW, requirements_txt="six==1.16.0\n")

    run = await prepare(store, folder, {"COLOUR": "red", "FASTFLOW_PIPELINE": "forged"}, {"city": "Köln"})
    seen = await asyncio.to_thread(execute, run)

    assert seen["six"] == "1.16.0"
    assert seen["cwd"] == str(folder)
    variables = seen["variables"]
    assert isinstance(variables, dict)
    assert (variables["COLOUR"], variables["PARAM_CITY"]) == ("red", "Köln")
    assert (variables["FASTFLOW_PIPELINE"], variables["FASTFLOW_TRIGGER"]) == ("report", "manual")
    assert "VIRTUAL_ENV" not in variables
    parameters = Path(str(variables["FASTFLOW_PARAMETERS_FILE"]))
    assert json.loads(await asyncio.to_thread(parameters.read_text)) == {"city": "Köln"}


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"main_py": SHOW}, "uv run --no-project main.py"),
        (
            {"main_py": SHOW, "requirements_txt": "six==1.16.0\n"},
            "uv run --no-project --with-requirements requirements.txt main.py",
        ),
        ({"main_py": PEP_723 + SHOW}, "uv run main.py"),
        (
            {"main_py": SHOW, "pyproject_toml": PROJECT},
            "uv run --no-default-groups main.py",
        ),
        (
            {"main_py": PEP_723.replace("six==1.16.0", "") + SHOW, "requirements_txt": "six==1.16.0\n"},
            "uv run --no-project --with-requirements requirements.txt python main.py",
        ),
    ],
)
async def test_the_plain_command_does_the_same_without_us(
    store: Path, tmp_path: Path, files: dict[str, str], command: str
) -> None:
    folder = pipeline(tmp_path / "it's a report", **files)

    run = await prepare(store, folder)

    assert run.plain_command == f"cd '{tmp_path}/it'\"'\"'s a report' && {command}"
    ours = await asyncio.to_thread(execute, run)
    theirs = await asyncio.to_thread(execute_plainly, run.plain_command, store)
    assert (theirs["six"], theirs["cwd"]) == (ours["six"], ours["cwd"])


async def test_a_locked_project_runs_plainly_too(store: Path, tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "report", main_py=SHOW, pyproject_toml=PROJECT)
    lock = [find_uv_bin(), "lock", "--quiet"]
    variables = {**os.environ, "TMPDIR": str(store)}
    await asyncio.to_thread(subprocess.run, lock, cwd=folder, env=variables, check=True, timeout=60)

    run = await prepare(store, folder)

    assert run.plain_command.endswith("&& uv run --frozen --no-default-groups main.py")
    theirs = await asyncio.to_thread(execute_plainly, run.plain_command, store)
    assert theirs["six"] == "1.16.0"
    assert run.hint == ""


def test_the_plain_command_names_the_python_and_stays_where_it_is() -> None:
    nothing = Dependencies(DependencySource.NONE)
    assert plain_command(Path(), nothing, "3.12") == "uv run --no-project --python 3.12 main.py"
    assert plain_command(Path("-x"), nothing, None) == "cd ./-x && uv run --no-project main.py"


def test_local_runs_live_in_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert user_cache() == tmp_path / "fastflow"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    assert user_cache() == Path.home() / ".cache" / "fastflow"
