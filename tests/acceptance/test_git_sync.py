"""Story: what is pushed to a Git repository is what runs, whatever happens to the repository."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server_process import ServerProcess, servers_on
from tests.servers.git_http import GitHttpServer
from tests.servers.repository import GitRepository

SAYS = "import six; print('{}', six.__version__)"


@pytest.fixture
def server(tmp_path: Path, git_repository: GitRepository, git_http: GitHttpServer) -> Iterator[ServerProcess]:
    """`fastflow up` with one repository, looked at when asked, and what it holds at first."""
    git_repository.write("report/main.py", SAYS.format("first"))
    git_repository.write("report/requirements.txt", "six==1.17.0\n")
    git_repository.write("tiny/main.py", "print('tiny')")
    git_repository.commit_and_push("Add report and tiny")
    with servers_on(tmp_path) as make:
        server = make(
            {
                "FASTFLOW_EXECUTOR": "process",
                "FASTFLOW_PIPELINES_DIR": "",
                "FASTFLOW_GIT_REPO_URL": git_http.url("acme/pipelines"),
                "FASTFLOW_GIT_ALLOWED_PROTOCOLS": "http",
                "FASTFLOW_AUTO_SYNC_INTERVAL": "0",
            }
        )
        server.start()
        server.until_ready()
        server.until(lambda: set(pipelines(server)) == {"report", "tiny"})
        yield server
        server.terminate()


def pipelines(server: ServerProcess) -> dict[str, Any]:
    return {pipeline["name"]: pipeline for pipeline in server.get("/api/pipelines")["pipelines"]}


def sync(server: ServerProcess) -> Any:
    (row,) = server.call("POST", "/api/sync", {"wait": True})["syncs"]
    return row


def finished(server: ServerProcess, pipeline: str) -> tuple[Any, str]:
    run = server.until_status(server.run(pipeline), "SUCCESS", "FAILED")
    return run, server.raw_log(run["id"]).decode()


def test_what_is_pushed_is_listed_warm_and_runs_with_its_commit(
    server: ServerProcess, git_repository: GitRepository
) -> None:
    server.until(lambda: pipelines(server)["report"]["environment_status"] == "ready")
    run, said = finished(server, "report")
    assert (run["status"], said) == ("SUCCESS", "first 1.17.0\n"), run["reason"]
    assert (run["commit"], run["revision"]) == (
        git_repository.head,
        f"tree-{git_repository.tree_of('report')}",
    )

    git_repository.write("added/main.py", "print('added')")
    pushed = git_repository.commit_and_push("Add one more")
    row = sync(server)
    assert row["message"] == f"1 pipeline added; commit {pushed[:12]} by {row_author(server)}: Add one more"
    assert pipelines(server)["report"]["commit"] == run["commit"], "an unrelated push changes nothing of it"
    assert finished(server, "added")[1] == "added\n"


def row_author(server: ServerProcess) -> str:
    return str(server.get("/api/sync/status")["repositories"][0]["commit"]["author"])


def test_a_force_push_leaves_what_ran_repeatable_and_a_restart_needs_no_git_host(
    server: ServerProcess, git_repository: GitRepository, git_http: GitHttpServer
) -> None:
    first = git_repository.head
    git_repository.write("report/main.py", SAYS.format("second"))
    git_repository.commit_and_push("Change report")
    sync(server)
    second, said = finished(server, "report")
    assert said == "second 1.17.0\n"

    git_repository.reset(first)
    git_repository.write("report/main.py", SAYS.format("forced"))
    forced = git_repository.commit_and_push("Rewrite history", force=True)
    assert sync(server)["commit_after"] == forced
    assert finished(server, "report")[1] == "forced 1.17.0\n"
    again = server.call("POST", f"/api/runs/{second['id']}/retry", {"revision": "same"})
    server.until_status(again["id"], "SUCCESS")
    assert server.raw_log(again["id"]).decode() == "second 1.17.0\n"

    server.kill()
    git_http.faults.answer(503)
    server.start()
    server.until_ready()
    server.until(lambda: set(pipelines(server)) == {"report", "tiny"})
    assert finished(server, "report")[1] == "forced 1.17.0\n"
    failed = sync(server)
    assert (failed["status"], set(pipelines(server))) == ("FAILED", {"report", "tiny"})


def test_a_dry_run_tells_all_and_a_deleted_pipeline_keeps_its_history(
    server: ServerProcess, git_repository: GitRepository
) -> None:
    run, _ = finished(server, "tiny")
    git_repository.delete("tiny")
    git_repository.write("report/requirements.txt", "six==1.16.0\n")
    git_repository.write("broken/main.py", "")
    git_repository.write("broken/pipeline.json", '{"timeout": "long"}')
    git_repository.commit_and_push("Change a lot")
    (plan,) = server.call("POST", "/api/sync", {"dry_run": True})["plans"]
    assert plan["message"] == "1 pipeline added, 1 changed, 1 removed (1 of them can't be started)"
    assert plan["changes"]["packages"] == [
        {"pipeline_name": "report", "added": ["six==1.16.0"], "removed": ["six==1.17.0"]}
    ]
    assert set(pipelines(server)) == {"report", "tiny"}
    assert sync(server)["changes"] == plan["changes"]
    assert set(pipelines(server)) == {"report", "broken"}
    assert not pipelines(server)["broken"]["is_valid"]
    assert server.get(f"/api/runs/{run['id']}")["commit"] == run["commit"]
