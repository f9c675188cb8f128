"""The server is killed while it fetches and takes over what was pushed: no half commit is ever used."""

import random
import time
from typing import Any

import pytest

from tests.server_process import MakeServer, ServerProcess
from tests.servers.git_http import GitHttpServer
from tests.servers.repository import GitRepository

KILLS = 5
PIPELINES = 60
SEED = 20261124


def push(repository: GitRepository, number: int) -> str:
    """Change every pipeline, so that a mixture of two commits would show."""
    for index in range(PIPELINES):
        repository.write(f"p{index:03}/main.py", f"import part\nprint({number}, part.NUMBER)\n")
        repository.write(f"p{index:03}/part.py", f"NUMBER = {number}\n")
    return repository.commit_and_push(f"Number {number}")


def status(server: ServerProcess) -> Any:
    return server.get("/api/sync/status")["repositories"][0]


def synced_to(server: ServerProcess, commit: str) -> bool:
    at = status(server)
    has_commit = at["commit"] is not None and at["commit"]["id"] == commit
    return has_commit and at["phase"] is None and at["pipelines"] == PIPELINES


@pytest.mark.timeout(400)
def test_whenever_the_server_is_killed_the_next_one_has_one_whole_commit(
    make_server: MakeServer, git_repository: GitRepository, git_http: GitHttpServer
) -> None:
    push(git_repository, 0)
    server = make_server(
        {
            "FASTFLOW_EXECUTOR": "process",
            "FASTFLOW_UV_PRE_HEAT": "0",
            "FASTFLOW_PIPELINES_DIR": "",
            "FASTFLOW_GIT_REPO_URL": git_http.url("acme/pipelines"),
            "FASTFLOW_GIT_ALLOWED_PROTOCOLS": "http",
            "FASTFLOW_AUTO_SYNC_INTERVAL": "1",
        }
    )
    server.start()
    server.until_ready()
    chance = random.Random(SEED)  # noqa: S311 - not a secret
    for number in range(1, KILLS + 1):
        commit = push(git_repository, number)
        if number == 1:
            git_http.faults.stall(after_bytes=1000)
            server.call("POST", "/api/sync", {})
            git_http.faults.until_stalled()  # in the middle of the fetch
        else:
            server.call("POST", "/api/sync", {})
            time.sleep(chance.uniform(0, 1.0))
        server.kill()
        git_http.faults.release()
        server.start()
        server.until_ready()
        server.until(lambda commit=commit: synced_to(server, commit))
        pipeline = f"p{chance.randrange(PIPELINES):03}"
        run = server.until_status(server.run(pipeline), "SUCCESS")
        assert run["commit"] == commit
        assert run["revision"] == f"tree-{git_repository.tree_of(pipeline)}"
        assert server.raw_log(run["id"]).decode() == f"{number} {number}\n"
    found = server.get("/api/pipelines")["pipelines"]
    assert {each["commit"] for each in found} == {git_repository.head}
    log = server.get("/api/sync/log?limit=100")["syncs"]
    assert {sync["status"] for sync in log} == {"SUCCESS", "INTERRUPTED"}
    server.terminate()
