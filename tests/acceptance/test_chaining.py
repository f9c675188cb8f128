"""Story: one pipeline decides which others follow it, and they know why they run."""

from typing import Any

import pytest

from tests.server_process import TERMINAL, ServerProcess

CHOOSES = """
import os
with open(os.environ["FASTFLOW_ROUTE_FILE"], "w") as file:
    file.write(os.environ["PARAM_SIZE"] + "\\n")
"""
SAYS_WHY = """
import os
for name in ("RUN_ID", "PIPELINE", "STATUS", "OUTCOME", "ROUTE"):
    print(os.environ["FASTFLOW_UPSTREAM_" + name])
"""
BY_SIZE = {
    "downstream_triggers": [
        {"pipeline": "few", "on_route": "small"},
        {"pipeline": "many", "on_route": ["large", "huge"]},
        {"pipeline": "repair", "on_success": False, "on_failure": True},
    ]
}


@pytest.fixture(scope="module", autouse=True)
def pipelines(server: ServerProcess) -> None:
    """`sort` chooses which of the others follows it."""
    server.add("sort", CHOOSES, BY_SIZE)
    for name in ("few", "many", "repair"):
        server.add(name, SAYS_WHY)


def the_follower(server: ServerProcess, run_id: str) -> Any:
    """Block until a run has been followed by one that has ended; return that one."""
    server.until(lambda: server.get(f"/api/runs/{run_id}")["downstream"])
    (started,) = server.get(f"/api/runs/{run_id}")["downstream"]
    return server.until_status(started["id"], *TERMINAL)


def test_the_route_that_a_run_writes_decides_what_follows(server: ServerProcess) -> None:
    first = server.until_status(server.run("sort", {"parameters": {"size": "huge"}}), *TERMINAL)
    assert (first["status"], first["route"]) == ("SUCCESS", "huge")
    second = the_follower(server, first["id"])
    assert (second["pipeline_name"], second["status"], second["trigger"]) == ("many", "SUCCESS", "upstream")
    assert second["upstream_run_id"] == first["id"]
    assert second["why"] == f"Run {first['id']} of sort ended as SUCCESS and chose the route 'huge'."
    lines = server.raw_log(second["id"]).decode().splitlines()
    assert lines == [first["id"], "sort", "SUCCESS", "exited", "huge"]


def test_a_failure_is_followed_by_what_asks_for_failures(server: ServerProcess) -> None:
    first = server.until_status(server.run("sort"), *TERMINAL)  # without a size it raises KeyError
    assert (first["status"], first["route"]) == ("FAILED", None)
    second = the_follower(server, first["id"])
    assert second["pipeline_name"] == "repair"
    lines = server.raw_log(second["id"]).decode().splitlines()
    assert lines == [first["id"], "sort", "FAILED", "exited", ""]


def test_the_graph_of_pipelines_is_there_to_be_drawn(server: ServerProcess) -> None:
    server.until(lambda: len(server.get("/api/graph")["pipelines"]) >= 4)
    graph = server.get("/api/graph")
    edges = [(edge["from"], edge["to"], edge["on_routes"]) for edge in graph["edges"]]
    assert edges == [
        ("sort", "few", ["small"]),
        ("sort", "many", ["large", "huge"]),
        ("sort", "repair", None),
    ]
    assert graph["cycles"] == []
