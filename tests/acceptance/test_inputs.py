"""Story: what a run is given - parameters, variables, packages - and what is refused."""

import json
import subprocess

from uv import find_uv_bin

from tests.server_process import TERMINAL, ServerProcess

SHOWS_INPUT = """
import json, os
print(json.dumps([
    json.load(open(os.environ["FASTFLOW_PARAMETERS_FILE"])),
    os.environ["PARAM_DAY"], os.environ["PARAM_LIMIT"], os.environ["MODE"], os.environ["LEVEL"],
    os.environ["FASTFLOW_PIPELINE"], os.environ["FASTFLOW_ATTEMPT"], os.environ["FASTFLOW_TRIGGER"],
]))
"""
TAKES_A_DAY = {
    "default_env": {"MODE": "usual", "LEVEL": "INFO"},
    "parameters": {
        "type": "object",
        "properties": {"day": {"type": "string", "format": "date"}, "limit": {"type": "integer"}},
        "required": ["day"],
    },
}

PROJECT = """
[project]
name = "project"
version = "1"
requires-python = ">=3.11"
dependencies = ["six<1.17"]
"""


def test_parameters_and_variables_reach_the_script(server: ServerProcess) -> None:
    server.add("shows", SHOWS_INPUT, TAKES_A_DAY)
    body = {"parameters": {"day": "2030-01-01", "limit": 3}, "env_vars": {"MODE": "test"}}
    run = server.until_status(server.run("shows", body), *TERMINAL)
    assert run["status"] == "SUCCESS"
    given, *rest = json.loads(server.raw_log(run["id"]))
    assert given == {"day": "2030-01-01", "limit": 3}
    assert rest == ["2030-01-01", "3", "test", "INFO", "shows", "1", "api"]


def test_a_wrong_parameter_is_refused_and_leaves_a_row_that_says_why(server: ServerProcess) -> None:
    server.add("strict", SHOWS_INPUT, TAKES_A_DAY)
    problem = server.call("POST", "/api/pipelines/strict/run", {"parameters": {"day": 5}})
    assert problem["status"] == 422
    row = server.get(f"/api/runs/{problem['fields']['run_id']}")
    assert row["status"] == "SKIPPED"
    assert row["reason"] == problem["detail"]
    assert "day" in row["reason"]


def test_the_same_idempotency_key_starts_one_run(server: ServerProcess) -> None:
    server.add("once", "print('x')")
    first, second = (
        server.call("POST", "/api/pipelines/once/run", {}, **{"Idempotency-Key": "order-4711"})
        for _ in range(2)
    )
    assert first["id"] == second["id"]
    assert len(server.get("/api/runs?pipeline_name=once")["runs"]) == 1


def test_requirements_that_can_not_be_met_fail_the_run_with_uvs_words_before_it_ever_runs(
    server: ServerProcess,
) -> None:
    server.add("unmet", "print('never')")
    (server.folder / "pipelines" / "unmet" / "requirements.txt").write_text("six==0.0.1.dev1\n")
    run = server.until_status(server.run("unmet"), *TERMINAL)
    assert (run["status"], run["outcome"], run["blame"]) == ("FAILED", "environment_failed", "pipeline")
    assert "No solution found" in run["reason"]
    assert "six==0.0.1.dev1" in run["reason"]
    assert run["started_at"] is None
    assert [attempt["started_at"] for attempt in run["attempts"]] == [None]
    assert server.raw_log(run["id"]) == b""


def test_a_script_with_its_requirements_at_the_top_gets_them(server: ServerProcess) -> None:
    code = '# /// script\n# dependencies = ["six==1.17.0"]\n# ///\nimport six\nprint(six.__version__)\n'
    server.add("inline", code)
    run = server.until_status(server.run("inline"), *TERMINAL)
    assert run["status"] == "SUCCESS", run["reason"]
    assert server.raw_log(run["id"]) == b"1.17.0\n"


def test_a_uv_project_gets_what_it_has_locked(server: ServerProcess) -> None:
    server.add("project", "import six\nprint(six.__version__)")
    folder = server.folder / "pipelines" / "project"
    (folder / "pyproject.toml").write_text(PROJECT)
    subprocess.run([find_uv_bin(), "lock", "--quiet"], cwd=folder, check=True, timeout=60)
    run = server.until_status(server.run("project"), *TERMINAL)
    assert run["status"] == "SUCCESS", run["reason"]
    assert server.raw_log(run["id"]) == b"1.16.0\n"


def test_a_broken_manifest_is_shown_with_its_place_and_can_not_be_started(server: ServerProcess) -> None:
    server.add("broken", "print('x')")
    (server.folder / "pipelines" / "broken" / "pipeline.json").write_text('{\n  "timeout": "soon"\n}')
    pipeline = server.get("/api/pipelines/broken")
    assert not pipeline["is_valid"]
    (found,) = pipeline["problems"]
    assert (found["file"], found["line"], found["field"]) == ("pipeline.json", 2, "timeout")
    refused = server.call("POST", "/api/pipelines/broken/run")
    assert (refused["status"], refused["code"]) == (409, "manifest_invalid")
    assert "pipeline.json:2:14 timeout: a whole number was expected" in refused["detail"]
