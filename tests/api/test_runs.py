"""Runs over HTTP: start, list, look at, cancel, repeat; what is refused and how it is said."""

from datetime import timedelta

import httpx2
import pytest

from fastflow.domain.execution import StartKind
from fastflow.domain.run import RunStatus
from tests.plugins.world import Instance, World

RUN = "/api/pipelines/hello/run"


async def test_a_started_run_is_answered_with_201_and_can_be_looked_at(client: httpx2.AsyncClient) -> None:
    answer = await client.post(RUN, json={"env_vars": {"A": "1"}, "parameters": {"n": 3}})
    assert answer.status_code == 201
    run = answer.json()
    assert (run["pipeline_name"], run["status"], run["trigger"]) == ("hello", "PENDING", "api")
    detail = (await client.get(f"/api/runs/{run['id']}")).json()
    assert detail["spec"]["variables"] == {"A": "1"}
    assert detail["spec"]["parameters"] == {"n": 3}
    assert [attempt["status"] for attempt in detail["attempts"]] == ["QUEUED"]
    assert detail["actions"]["cancel"]["is_allowed"]
    assert not detail["actions"]["retry"]["is_allowed"]


async def test_a_run_needs_no_body(client: httpx2.AsyncClient) -> None:
    assert (await client.post(RUN)).status_code == 201


async def test_the_same_idempotency_key_gives_the_same_run(client: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = (await client.post(RUN, headers=headers)).json()
    again = await client.post(RUN, headers=headers)
    assert again.json()["id"] == first["id"]
    assert len((await client.get("/api/runs")).json()["runs"]) == 1


async def test_nobody_can_take_the_key_of_a_chain(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/pipelines/hello/run", headers={"Idempotency-Key": "upstream:any:0"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_invalid")


async def test_the_keys_of_webhooks_are_not_shown(client: httpx2.AsyncClient, world: World) -> None:
    key = "0123456789abcdef"
    world.source.put(
        "hooked",
        manifest=f'{{"webhook_key": "{key}", "schedules": [{{"id": "s", "schedule_interval_seconds": 60, '
        f'"webhook_key": "{key}-too"}}]}}',
    )
    shown = await client.get("/api/pipelines/hooked")
    schedules = await client.get("/api/schedules")
    assert shown.json()["manifest"]["webhook_key"] == "•••"
    assert len(schedules.json()["schedules"]) == 1
    assert key not in shown.text + schedules.text


async def test_an_idempotency_key_is_not_for_two_different_requests(client: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k1"}
    await client.post(RUN, headers=headers)
    answer = await client.post(RUN, headers=headers, json={"env_vars": {"A": "1"}})
    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotency_key_reused"


async def refused(client: httpx2.AsyncClient, path: str, status: int, code: str, body: object = None) -> str:
    """Trigger what is refused; return the reason of the row it left."""
    answer = await client.post(path, json=body or {})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == code
    row = (await client.get(f"/api/runs/{problem['fields']['run_id']}")).json()
    assert row["status"] in {"SKIPPED", "FAILED"}
    assert row["reason"] == problem["detail"]
    assert not row["actions"]["retry"]["is_allowed"]
    return str(row["reason"])


async def test_an_unknown_pipeline_is_refused_and_leaves_a_row(client: httpx2.AsyncClient) -> None:
    reason = await refused(client, "/api/pipelines/nosuch/run", 404, "pipeline_not_found")
    assert "nosuch" in reason


async def test_a_disabled_pipeline_is_refused_and_leaves_a_row(
    client: httpx2.AsyncClient, world: World
) -> None:
    world.source.put("hello", manifest='{"enabled": false}')
    assert "disabled" in await refused(client, RUN, 409, "pipeline_disabled")


async def test_an_invalid_manifest_is_refused_with_its_place_and_leaves_a_row(
    client: httpx2.AsyncClient, world: World
) -> None:
    world.source.put("hello", manifest='{\n  "timeout": "soon"\n}')
    reason = await refused(client, RUN, 409, "manifest_invalid")
    assert "pipeline.json:2:" in reason
    assert "timeout" in reason


async def test_the_last_valid_revision_stays_runnable_on_request(
    client: httpx2.AsyncClient, world: World
) -> None:
    valid = world.source.put("hello", manifest='{"timeout": 5}')
    await client.get("/api/pipelines/hello")
    world.source.put("hello", manifest='{"timeout": "soon"}')
    answer = await client.post(RUN, json={"revision": "last_valid"})
    assert answer.status_code == 201
    assert answer.json()["revision"] == valid


@pytest.mark.parametrize(
    ("variables", "field"),
    [
        ({"1A": "x"}, "env_vars.1A"),
        ({"FASTFLOW_RUN_ID": "x"}, "env_vars.FASTFLOW_RUN_ID"),
        ({"A": "x" * 17_000}, "env_vars.A"),
        ({f"V{n}": "" for n in range(51)}, "env_vars"),
    ],
)
async def test_bad_variables_are_refused_by_field_and_leave_a_row(
    client: httpx2.AsyncClient, variables: dict[str, str], field: str
) -> None:
    await refused(client, RUN, 422, "variables_invalid", {"env_vars": variables})
    answer = await client.post(RUN, json={"env_vars": variables})
    assert field in answer.json()["fields"]


async def test_parameters_are_checked_against_the_manifests_schema(
    client: httpx2.AsyncClient, world: World
) -> None:
    schema = '{"type": "object", "properties": {"n": {"type": "integer", "default": 7}}, "required": ["day"]}'
    world.source.put("hello", manifest=f'{{"parameters": {schema}}}')
    reason = await refused(client, RUN, 422, "parameters_invalid", {"parameters": {"n": "many"}})
    assert "n" in reason
    answer = await client.post(RUN, json={"parameters": {"day": "2026-01-01"}})
    detail = (await client.get(f"/api/runs/{answer.json()['id']}")).json()
    assert detail["spec"]["parameters"] == {"day": "2026-01-01", "n": 7}


async def test_a_body_that_is_no_request_is_refused_by_field(client: httpx2.AsyncClient) -> None:
    answer = await client.post(RUN, json={"env_vars": {"A": 1}, "extra": True})
    assert answer.status_code == 422
    assert {"env_vars.A", "extra"} <= set(answer.json()["fields"])


async def test_a_pending_run_is_cancelled_at_once(client: httpx2.AsyncClient) -> None:
    run_id = (await client.post(RUN)).json()["id"]
    answer = await client.post(f"/api/runs/{run_id}/cancel")
    assert answer.status_code == 202
    assert answer.json()["status"] == "CANCELLED"
    again = await client.post(f"/api/runs/{run_id}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "run_ended")


async def test_a_run_that_has_ended_is_repeated_at_its_revision_or_at_the_latest(
    client: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    world.executor.script("hello", exit_code=1)
    first = (await client.post(RUN, json={"env_vars": {"A": "1"}})).json()
    assert (await client.post(f"/api/runs/{first['id']}/retry")).json()["code"] == "run_active"
    await server.claim_all()
    await server.worker.join()
    newer = world.source.put("hello", {"main.py": "print(2)"})
    same = (await client.post(f"/api/runs/{first['id']}/retry")).json()
    latest = (await client.post(f"/api/runs/{first['id']}/retry", json={"revision": "latest"})).json()
    assert (same["revision"], same["retry_of"]) == (first["revision"], first["id"])
    assert (latest["revision"], latest["retry_of"]) == (newer, first["id"])
    detail = (await client.get(f"/api/runs/{latest['id']}")).json()
    assert detail["spec"]["variables"] == {"A": "1"}


async def test_a_disabled_pipeline_is_not_repeated_and_a_vanished_one_is_at_its_revision(
    client: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    world.executor.script("hello")
    run = (await client.post(RUN)).json()
    await server.claim_all()
    await server.worker.join()
    world.source.put("hello", manifest='{"enabled": false}')
    path = f"/api/runs/{run['id']}/retry"
    assert "disabled" in await refused(client, path, 409, "pipeline_disabled")
    world.source.drop("hello")
    again = await client.post(path)
    assert (again.status_code, again.json()["revision"]) == (201, run["revision"])
    assert (await client.post(path, json={"revision": "latest"})).json()["code"] == "pipeline_not_found"


async def test_pages_of_runs_follow_each_other_without_gap_or_overlap(client: httpx2.AsyncClient) -> None:
    made = [(await client.post(RUN)).json()["id"] for _ in range(7)]
    seen: list[str] = []
    cursor = None
    while True:
        page = (
            await client.get("/api/runs", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))
        ).json()
        seen += [run["id"] for run in page["runs"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


async def test_runs_are_filtered_by_pipeline_status_trigger_time_and_text(
    client: httpx2.AsyncClient, world: World
) -> None:
    world.source.put("other")
    one = (await client.post(RUN)).json()
    two = (await client.post("/api/pipelines/other/run")).json()
    await client.post(f"/api/runs/{two['id']}/cancel")

    async def ids(**query: str) -> list[str]:
        return [run["id"] for run in (await client.get("/api/runs", params=query)).json()["runs"]]

    assert await ids(pipeline_name="other") == [two["id"]]
    assert await ids(status="PENDING") == [one["id"]]
    assert await ids(trigger="schedule") == []
    assert await ids(text="OTH") == [two["id"]]
    assert await ids(text="100%") == []
    assert await ids(created_before=one["created_at"]) == []
    assert len(await ids(created_from=one["created_at"])) == 2


async def test_runs_that_changed_and_runs_that_are_new_can_be_asked_for(client: httpx2.AsyncClient) -> None:
    ids = [(await client.post(RUN)).json()["id"] for _ in range(3)]
    await client.post(f"/api/runs/{ids[0]}/cancel")
    answer = await client.get("/api/runs", params={"run_id": ids[:2]})
    assert [(run["id"], run["status"]) for run in answer.json()["runs"]] == [
        (ids[1], "PENDING"),
        (ids[0], "CANCELLED"),
    ]
    newer = await client.get("/api/runs", params={"newer_than": ids[0]})
    assert [run["id"] for run in newer.json()["runs"]] == [ids[2], ids[1]]
    too_many = await client.get("/api/runs", params={"run_id": ids[:1] * 101})
    assert too_many.status_code == 422


async def test_an_unknown_run_is_404_everywhere(client: httpx2.AsyncClient) -> None:
    for method, path in [
        ("GET", ""), ("POST", "/cancel"), ("POST", "/retry"), ("GET", "/logs"), ("GET", "/logs/stream"),
        ("GET", "/logs/raw"), ("GET", "/metrics"), ("GET", "/metrics/stream"),
    ]:  # fmt: skip
        answer = await client.request(method, f"/api/runs/nosuch{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "run_not_found"), path


@pytest.mark.parametrize(("policy", "expected"), [("skip", "SKIPPED"), ("queue", "PENDING")])
async def test_a_run_beyond_max_instances_is_queued_or_skipped(
    client: httpx2.AsyncClient, world: World, policy: str, expected: str
) -> None:
    world.source.put("hello", manifest=f'{{"max_instances": 1, "overlap": "{policy}"}}')
    await client.post(RUN)
    second = (await client.post(RUN)).json()
    assert second["status"] == expected
    if policy == "skip":
        assert "1 of at most 1" in second["reason"]


async def test_replace_cancels_the_run_that_is_active(
    client: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    world.source.put("hello", manifest='{"max_instances": 1, "overlap": "replace"}')
    first = (await client.post(RUN)).json()
    await server.claim_all()
    await server.until(first["id"], RunStatus.RUNNING)
    second = (await client.post(RUN)).json()
    await server.worker.join()
    before = (await client.get(f"/api/runs/{first['id']}")).json()
    assert before["status"] == "CANCELLED"
    assert second["id"] in before["reason"]
    assert await server.claim_all() == 1


async def test_a_run_that_goes_on_is_shown_with_how_long_the_last_ones_took(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    first = (await client.post(RUN)).json()["id"]
    assert (await client.get(f"/api/runs/{first}")).json()["estimated_seconds"] is None
    await server.claim_all()
    await server.until(first, RunStatus.RUNNING)
    await world.clock.advance(timedelta(seconds=90))
    world.executor.finish(first)
    await server.until(first, RunStatus.SUCCESS)
    second = (await client.post(RUN)).json()["id"]
    assert (await client.get(f"/api/runs/{second}")).json()["estimated_seconds"] == 90
    assert (await client.get(f"/api/runs/{first}")).json()["estimated_seconds"] is None


async def test_a_run_tells_how_long_it_waited_and_how_long_it_was_made_ready(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.environments.hold()
    world.executor.kind, world.executor.runtime = StartKind.STANDBY, "crun"
    run_id = await server.trigger("hello")
    await world.clock.advance(timedelta(seconds=4))
    await server.claim_all()
    await world.environments.was_asked.wait()
    (attempt,) = (await client.get(f"/api/runs/{run_id}")).json()["attempts"]
    assert (attempt["waited_seconds"], attempt["setup_seconds"]) == (4, None)
    await world.clock.advance(timedelta(seconds=9))
    world.environments.release()
    await server.until(run_id, RunStatus.RUNNING)
    shown = (await client.get(f"/api/runs/{run_id}")).json()
    (attempt,) = shown["attempts"]
    assert (shown["setup_seconds"], attempt["setup_seconds"]) == (9, 9)
    parts = attempt["lock_seconds"], attempt["build_seconds"], attempt["start_seconds"]
    assert parts == (0.25, 0.5, 8.25)
    assert (attempt["start_kind"], attempt["oci_runtime"]) == ("standby", "crun")
