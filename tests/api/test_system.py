"""The server itself over HTTP, and the walls around a server without logins."""

import httpx2
import pytest

from tests.plugins.world import World


async def test_health_answers_without_touching_anything(client: httpx2.AsyncClient, world: World) -> None:
    world.executor.go_away()
    answer = await client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


async def test_ready_names_the_executor_and_what_is_missing(client: httpx2.AsyncClient, world: World) -> None:
    answer = await client.get("/ready")
    assert (answer.status_code, answer.json()["executor"]) == (200, "fake")
    world.executor.go_away()
    answer = await client.get("/ready")
    assert answer.status_code == 503
    checks = {check["name"]: check for check in answer.json()["checks"]}
    assert not checks["executor"]["is_ready"]
    assert checks["database"]["is_ready"]


async def test_prometheus_sees_runs_and_slots(client: httpx2.AsyncClient) -> None:
    await client.post("/api/pipelines/hello/run")
    text = (await client.get("/metrics")).text
    assert 'fastflow_active_runs{status="PENDING"} 1.0' in text
    assert "fastflow_slots 10.0" in text
    assert "fastflow_slots_in_use 0.0" in text
    assert 'fastflow_run_duration_seconds_bucket{le="+Inf"} 0.0' in text
    assert "fastflow_build_info{version=" in text


async def test_every_route_has_an_operation_id_a_model_and_its_errors(client: httpx2.AsyncClient) -> None:
    schema = (await client.get("/api/openapi.json")).json()
    seen: set[str] = set()
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert operation["operationId"] not in seen
            seen.add(operation["operationId"])
            if "{" in path and method != "put":  # which makes what is not there
                assert "404" in operation["responses"], path
            contents = [r.get("content") for s, r in operation["responses"].items() if s.startswith("2")]
            assert any(contents) or "303" in operation["responses"], path
    assert "Problem" in schema["components"]["schemas"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "169.254.1.1:8000"])
async def test_a_name_that_was_rebound_to_this_machine_is_refused(
    client: httpx2.AsyncClient, host: str
) -> None:
    answer = await client.get("/api/runs", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_request")


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
async def test_loopback_names_are_served(client: httpx2.AsyncClient, host: str) -> None:
    assert (await client.get("/api/runs", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:9999", "null"])
async def test_a_foreign_page_can_not_start_a_run(client: httpx2.AsyncClient, origin: str) -> None:
    answer = await client.post("/api/pipelines/hello/run", headers={"Origin": origin})
    assert answer.status_code == 403
    assert (await client.get("/api/runs")).json()["runs"] == []


async def test_the_servers_own_page_may_start_a_run(client: httpx2.AsyncClient) -> None:
    headers = {"Origin": "http://127.0.0.1:8000"}
    assert (await client.post("/api/pipelines/hello/run", headers=headers)).status_code == 201


async def test_an_unknown_route_is_a_problem_document(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/nosuch")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "route_not_found"
