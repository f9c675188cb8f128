"""Story: a push is listed, locked and warm, and started by time, a webhook and another pipeline."""

import json
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server_process import ServerProcess, servers_on
from tests.servers.git_http import GitHttpServer
from tests.servers.push_deliveries import Delivery, Push, github_push
from tests.servers.repository import GitRepository

TOKEN = "glpat-the-token-of-this-story"  # noqa: S105 - made up
PUSH_SECRET = "what the Git host and the server share"  # noqa: S105 - made up
KEY = "0123456789abcdef0123456789abcdef"

EXTRACT = """
import os, pathlib, six
print("six", six.__version__)
print("due", os.environ.get("FASTFLOW_SCHEDULED_AT"))
if "FASTFLOW_PAYLOAD_FILE" in os.environ:
    print("payload", pathlib.Path(os.environ["FASTFLOW_PAYLOAD_FILE"]).read_text())
pathlib.Path(os.environ["FASTFLOW_ROUTE_FILE"]).write_text("full")
"""
MANIFEST = {
    "webhook_key": KEY,
    "schedules": [{"id": "often", "schedule_interval_seconds": 3600}],
    "downstream_triggers": [
        {"pipeline": "load", "on_route": "full"},
        {"pipeline": "skip", "on_route": "empty"},
    ],
}
LOAD = "import os; print(os.environ['FASTFLOW_UPSTREAM_PIPELINE'], os.environ['FASTFLOW_UPSTREAM_RUN_ID'])"


@pytest.fixture
def server(tmp_path: Path, git_https: GitHttpServer, runner_image: str) -> Iterator[ServerProcess]:
    git_https.accept("x-access-token", TOKEN)
    assert git_https.authority is not None
    trusted = tmp_path / "trusted.pem"
    usual = ssl.get_default_verify_paths().cafile
    trusted.write_text((Path(usual).read_text() if usual else "") + git_https.authority.file.read_text())
    (tmp_path / "token").write_text(TOKEN + "\n")
    with servers_on(tmp_path) as make:
        server = make(
            {
                "FASTFLOW_EXECUTOR": "docker",
                "FASTFLOW_RUNNER_IMAGE": runner_image,
                "FASTFLOW_CA_BUNDLE": str(trusted),
                "FASTFLOW_GIT_REPO_URL": git_https.url("acme/pipelines"),
                "FASTFLOW_PIPELINES_SUBDIR": "pipelines",
                "FASTFLOW_GIT_TOKEN_FILE": str(tmp_path / "token"),
                "FASTFLOW_GIT_PUSH_SECRET": PUSH_SECRET,
                "FASTFLOW_AUTO_SYNC_INTERVAL": "0",
            }
        )
        server.start()
        server.until_ready()
        yield server
        server.terminate()


def deliver(server: ServerProcess, path: str, delivery: Delivery) -> Any:
    request = urllib.request.Request(  # noqa: S310 - always http
        server.url + path, data=delivery.body, headers=dict(delivery.headers), method="POST"
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.load(answer)


def runs(server: ServerProcess, pipeline: str, trigger: str) -> list[Any]:
    return server.get(f"/api/runs?pipeline_name={pipeline}&trigger={trigger}")["runs"]


def test_a_push_is_deployed_and_its_triggers_start_what_they_should(
    server: ServerProcess, git_repository: GitRepository
) -> None:
    repository = server.get("/api/repositories")["repositories"][0]["name"]
    for path, content in {
        "pipelines/extract/main.py": EXTRACT,
        "pipelines/extract/requirements.txt": "six==1.17.0\n",
        "pipelines/extract/pipeline.json": json.dumps(MANIFEST),
        "pipelines/load/main.py": LOAD,
        "pipelines/skip/main.py": "print('never')",
    }.items():
        git_repository.write(path, content)
    commit = git_repository.commit_and_push("Add two pipelines")
    deliver(server, f"/api/push/{repository}", github_push(Push(after=commit), PUSH_SECRET))

    # listed, locked and warm
    server.until(lambda: server.get("/api/pipelines/extract").get("environment_status") == "ready")
    extract = server.get("/api/pipelines/extract")
    assert (extract["is_valid"], extract["commit"], extract["repository"]) == (True, commit, repository)
    assert extract["revision"] == f"tree-{git_repository.tree_of('pipelines/extract')}"

    # its schedule
    git_repository.write(
        "pipelines/extract/pipeline.json",
        json.dumps({**MANIFEST, "schedules": [{"id": "often", "schedule_interval_seconds": 2}]}),
    )
    often = git_repository.commit_and_push("Run it often")
    deliver(server, f"/api/push/{repository}", github_push(Push(before=commit, after=often), PUSH_SECRET))
    server.until(lambda: runs(server, "extract", "schedule"))
    scheduled = server.until_status(runs(server, "extract", "schedule")[-1]["id"], "SUCCESS")
    assert scheduled["commit"] == often
    assert scheduled["cause"]["schedule_key"] == "often"
    assert "Schedule often (every 2 s) was due at" in scheduled["why"]
    assert f"due {scheduled['cause']['due_at'][:19]}" in server.raw_log(scheduled["id"]).decode()

    # its webhook
    body = Delivery({"Content-Type": "text/csv"}, b"a;b;c")
    hooked = server.until_status(deliver(server, f"/api/webhooks/extract/{KEY}", body)["id"], "SUCCESS")
    assert (hooked["trigger"], hooked["cause"]["kind"]) == ("webhook", "webhook")
    assert "payload a;b;c" in server.raw_log(hooked["id"]).decode()

    # what follows it
    server.until(
        lambda: any(run["cause"]["run_id"] == hooked["id"] for run in runs(server, "load", "upstream"))
    )
    [load] = [run for run in runs(server, "load", "upstream") if run["cause"]["run_id"] == hooked["id"]]
    load = server.until_status(load["id"], "SUCCESS")
    assert server.raw_log(load["id"]).decode() == f"extract {hooked['id']}\n"
    assert f"Run {hooked['id']} of extract ended as SUCCESS" in load["why"]
    assert not server.get("/api/runs?pipeline_name=skip")["runs"]
    assert TOKEN not in server.log()
