"""Schedules over HTTP: list, make, edit, pause, what comes next, what became of what was due, and why."""

import json

import httpx2
import pytest

from fastflow.api.schemas.schedules import NewSchedule
from fastflow.domain.manifest import Schedule
from fastflow.services.schedule_drafts import CATCH_UP_FIELDS
from tests.plugins.world import Instance, World
from tests.scheduling import HOUR, MINUTE, fired, paced, scheduled

MADE = "/api/pipelines/hello/schedules"


async def made(client: httpx2.AsyncClient, **fields: object) -> str:
    """Make a schedule of the API; return its id."""
    answer = await client.post(MADE, json={"schedule_interval_seconds": 60, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_a_schedule_of_the_api_can_say_what_one_of_a_manifest_can() -> None:
    assert set(NewSchedule.model_fields) == {*Schedule.model_fields, *CATCH_UP_FIELDS} - {"webhook_key"}


async def test_schedules_are_listed_with_what_comes_next_and_what_came_last(
    world: World, server: Instance, client: httpx2.AsyncClient
) -> None:
    scheduled(world, "nightly", schedule_cron="0 3 * * *", timezone="Europe/Berlin")
    await server.pipelines.refresh()
    await made(client)
    await world.clock.advance(2 * HOUR)
    await fired(server)
    listed = (await client.get("/api/schedules")).json()["schedules"]
    assert [one["pipeline_name"] for one in listed] == ["hello", "nightly"]
    (nightly,) = (await client.get("/api/schedules?pipeline_name=nightly")).json()["schedules"]
    assert nightly["rule"] == "0 3 * * * (Europe/Berlin)"
    assert (nightly["zone"], nightly["next_due_at"]) == ("Europe/Berlin", "2030-01-02T02:00:00Z")
    assert (nightly["is_active"], nightly["inactive_reason"]) == (True, None)
    last = nightly["last_occurrence"]
    assert (last["due_at"], last["status"], last["run_status"]) == ("2030-01-01T02:00:00Z", "run", "PENDING")
    run = (await client.get(f"/api/runs/{last['run_id']}")).json()
    assert run["cause"]["schedule_id"] == nightly["id"]


async def test_a_schedule_is_made_changed_and_deleted(client: httpx2.AsyncClient) -> None:
    schedule_id = await made(client, id="night", catch_up="all", catch_up_limit=3)
    found = (await client.get(f"/api/schedules/{schedule_id}")).json()
    assert (found["key"], found["origin"], found["catch_up_limit"]) == ("night", "api", 3)
    changed = await client.patch(
        f"/api/schedules/{schedule_id}",
        json={"schedule_interval_seconds": None, "schedule_cron": "0 4 * * *", "enabled": False},
    )
    assert changed.status_code == 200
    assert changed.json()["rule"] == "0 4 * * * (UTC)"
    assert changed.json()["inactive_code"] == "schedule_disabled"
    deleted = await client.delete(f"/api/schedules/{schedule_id}")
    assert (deleted.status_code, deleted.json()["is_present"]) == (200, False)
    assert (await client.get("/api/schedules")).json()["schedules"] == []
    assert (await client.delete(f"/api/schedules/{schedule_id}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "schedule_invalid", "schedule_cron"),
        ({"schedule_cron": "0 25 * * *"}, "schedule_invalid", "schedule_cron"),
        ({"schedule_cron": "0 2 * * *", "timezone": "Nowhere"}, "schedule_invalid", "timezone"),
        ({"schedule_interval_seconds": "often"}, "request_invalid", "schedule_interval_seconds"),
        ({"schedule_interval_seconds": 60, "colour": "red"}, "request_invalid", "colour"),
        ({"schedule_interval_seconds": 60, "webhook_key": "k" * 32}, "request_invalid", "webhook_key"),
    ],
)
async def test_a_wrong_field_is_named(
    client: httpx2.AsyncClient, body: dict[str, object], code: str, field: str
) -> None:
    answer = await client.post(MADE, json=body)
    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert list(answer.json()["fields"]) == [field]


async def test_a_field_that_does_not_exist_comes_with_the_place_of_those_that_do(
    client: httpx2.AsyncClient,
) -> None:
    answer = await client.post(MADE, json={"schedule_interval_seconds": 60, "colour": "red"})
    assert answer.json()["detail"].endswith("there is no such field; /api/openapi.json lists those there are")
    assert (await client.get("/api/openapi.json")).status_code == 200


async def test_what_the_manifest_says_is_changed_in_the_manifest(
    world: World, server: Instance, client: httpx2.AsyncClient
) -> None:
    scheduled(world, "hello", schedule_interval_seconds=60)
    await server.pipelines.refresh()
    (written,) = (await client.get("/api/schedules")).json()["schedules"]
    answer = await client.post(MADE, json={"schedule_interval_seconds": 5})
    assert (answer.status_code, answer.json()["code"]) == (409, "manifest_has_schedules")
    for method in ("PATCH", "DELETE"):
        body: dict[str, object] | None = {} if method == "PATCH" else None
        answer = await client.request(method, f"/api/schedules/{written['id']}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "manifest_schedule")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/pause"),
        ("POST", "/resume"),
        ("GET", "/next"),
        ("GET", "/occurrences"),
    ],
)
async def test_an_unknown_schedule_is_not_found(client: httpx2.AsyncClient, method: str, path: str) -> None:
    body: dict[str, object] | None = {} if method == "PATCH" else None
    answer = await client.request(method, f"/api/schedules/nothing{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "schedule_not_found")


async def test_a_pause_says_who_and_why_until_it_is_resumed(client: httpx2.AsyncClient) -> None:
    schedule_id = await made(client)
    paused = await client.post(f"/api/schedules/{schedule_id}/pause", json={"reason": "audit", "by": "Ada"})
    found = paused.json()
    assert (found["paused_by"], found["pause_reason"], found["is_active"]) == ("Ada", "audit", False)
    assert found["inactive_code"] == "paused"
    assert "Ada paused the schedule" in found["inactive_reason"]
    assert (await client.get("/api/schedules/upcoming")).json()["occurrences"] == []
    assert len((await client.get(f"/api/schedules/{schedule_id}/next")).json()["occurrences"]) == 5
    resumed = (await client.post(f"/api/schedules/{schedule_id}/resume")).json()
    assert (resumed["paused_at"], resumed["is_active"]) == (None, True)
    alone = (await client.post(f"/api/schedules/{schedule_id}/pause")).json()
    assert alone["paused_by"] == "local user"


async def test_what_is_due_next_is_shown_in_the_time_of_its_zone(client: httpx2.AsyncClient) -> None:
    schedule_id = await made(
        client,
        schedule_interval_seconds=None,
        schedule_cron="30 2 * * *",
        timezone="Europe/Berlin",
        schedule_start="2030-03-30T00:00:00",
    )
    found = (await client.get(f"/api/schedules/{schedule_id}/next?count=3")).json()["occurrences"]
    assert [one["local"] for one in found] == ["2030-03-30 02:30", "2030-03-31 03:00", "2030-04-01 02:30"]
    (first,) = (await client.get("/api/schedules/upcoming?limit=1&pipeline_name=hello")).json()["occurrences"]
    assert (first["due_at"], first["zone"]) == ("2030-03-30T01:30:00Z", "Europe/Berlin")


async def test_what_did_not_run_is_told_by_schedule_and_cause(
    world: World, server: Instance, client: httpx2.AsyncClient
) -> None:
    schedule_id = await made(client, schedule_interval_seconds=10)
    await client.post(f"/api/schedules/{schedule_id}/pause", json={"reason": "audit", "by": "Ada"})
    await world.clock.advance(MINUTE)
    await fired(server)
    (found,) = (await client.get("/api/schedules/not-run")).json()["not_run"]
    assert (found["schedule_id"], found["status"], found["code"]) == (schedule_id, "skipped", "paused")
    assert (found["pipeline_name"], found["count"]) == ("hello", 6)
    assert "Ada" in found["reason"]
    await world.clock.advance(2 * HOUR)
    await client.post(f"/api/schedules/{schedule_id}/resume")
    later = (await client.get("/api/schedules/not-run?hours=1")).json()["not_run"]
    assert [one["count"] for one in later] == [361]  # both ends of the hour


async def test_what_a_schedule_would_do_is_said_before_it_is_made(client: httpx2.AsyncClient) -> None:
    asked = {"schedule_cron": "30 2 * * 1-5", "timezone": "Europe/Berlin", "count": "2"}
    preview = (await client.get("/api/schedules/preview", params=asked)).json()
    assert preview["zone"] == "Europe/Berlin"
    assert preview["rule"] == "30 2 * * 1-5 (Europe/Berlin)"
    assert [one["local"] for one in preview["next"]] == ["2030-01-01 02:30", "2030-01-02 02:30"]
    assert (await client.get("/api/schedules")).json()["schedules"] == []
    refused = await client.get("/api/schedules/preview", params={"schedule_cron": "61 * * * *"})
    assert (refused.status_code, refused.json()["code"]) == (422, "schedule_invalid")
    assert "schedule_cron" in refused.json()["fields"]


async def test_a_frequent_schedule_hides_no_other(client: httpx2.AsyncClient) -> None:
    await made(client, id="often", schedule_interval_seconds=10)
    await made(client, id="rarely", schedule_interval_seconds=3600)
    found = (await client.get("/api/schedules/upcoming?most_each=2")).json()["occurrences"]
    assert [one["key"] for one in found] == ["often", "often", "rarely", "rarely"]


async def test_the_ledger_is_paged_and_filtered(
    world: World, server: Instance, client: httpx2.AsyncClient
) -> None:
    schedule_id = await made(client, schedule_interval_seconds=10)
    await world.clock.advance(MINUTE)
    await fired(server)
    path = f"/api/schedules/{schedule_id}/occurrences?limit=4"
    first = (await client.get(path)).json()
    second = (await client.get(path, params={"limit": 4, "cursor": first["next_cursor"]})).json()
    dues = [one["due_at"] for one in (*first["occurrences"], *second["occurrences"])]
    assert dues == sorted(set(dues), reverse=True)
    assert (len(dues), second["next_cursor"]) == (6, None)
    skipped = (await client.get(f"{path}&status=skipped")).json()
    assert skipped == {"occurrences": [], "next_cursor": None}
    assert (await client.get(f"{path}&cursor=x")).json()["code"] == "cursor_invalid"


async def test_why_answers_for_every_schedule_in_a_sentence_and_a_code(
    world: World, server: Instance, client: httpx2.AsyncClient
) -> None:
    every_hour = {"id": "hourly", "schedule_cron": "0 * * * *"}
    scheduled(world, "hello", schedule_cron="0 5 * * *", timezone="Asia/Kolkata", schedules=[every_hour])
    await server.pipelines.refresh()
    await world.clock.advance(HOUR)
    await fired(server)
    why = (await client.get("/api/pipelines/hello/why?at=2030-01-01T05:29")).json()
    by_key = {answer["key"]: answer for answer in why["answers"]}
    assert by_key["default"]["code"] == "did_not_exist"
    assert by_key["hourly"]["code"] == "did_not_exist"
    why = (await client.get("/api/pipelines/hello/why", params={"at": "2030-01-01T06:30+05:30"})).json()
    by_key = {answer["key"]: answer for answer in why["answers"]}
    assert by_key["default"]["code"] == "not_an_occurrence"
    assert by_key["default"]["after"] == "2030-01-01T23:30:00Z"
    assert by_key["hourly"]["zone"] == "Asia/Kolkata"


async def test_why_tells_a_run_that_was_caught_up(
    world: World, server: Instance, client: httpx2.AsyncClient
) -> None:
    await made(client, schedule_interval_seconds=None, schedule_cron="0 * * * *")
    await world.clock.advance(HOUR + 5 * MINUTE)
    await fired(server)
    (waiting,) = (await client.get("/api/pipelines/hello/why?at=2030-01-01T01:00")).json()["answers"]
    assert waiting["code"] == "waiting"
    await paced(server)
    (ran,) = (await client.get("/api/pipelines/hello/why?at=2030-01-01T01:00")).json()["answers"]
    assert (ran["code"], ran["occurrence"]["code"]) == ("ran", "caught_up")
    run = (await client.get(f"/api/runs/{ran['occurrence']['run_id']}")).json()
    assert run["cause"]["is_late"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/pipelines/nothing/why?at=2030-01-01T00:00", 404, "pipeline_not_found"),
        ("/api/pipelines/hello/why", 422, "request_invalid"),
        ("/api/pipelines/hello/why?at=soon", 422, "request_invalid"),
        ("/api/pipelines/hello/why?at=0001-01-01T00:00:00", 422, "moment_invalid"),
        ("/api/pipelines/hello/why?at=9999-12-31T23:59:59-12:00", 422, "moment_invalid"),
    ],
)
async def test_why_refuses_what_it_can_not_answer(
    client: httpx2.AsyncClient, path: str, status: int, code: str
) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_schedules_are_paged_by_pipeline_and_key(client: httpx2.AsyncClient, world: World) -> None:
    both = json.dumps({"schedules": [{"id": key, "schedule_cron": "0 3 * * *"} for key in "ba"]})
    for name in ("two", "one", "three"):
        world.source.put(name, manifest=both)
        await client.get(f"/api/pipelines/{name}")
    whole = (await client.get("/api/schedules")).json()
    assert whole["next_cursor"] is None
    seen: list[tuple[str, str]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = await client.get(
            "/api/schedules", params={"limit": 4, **({"cursor": cursor} if cursor else {})}
        )
        page = answer.json()
        assert len(page["schedules"]) <= 4
        seen += [(schedule["pipeline_name"], schedule["key"]) for schedule in page["schedules"]]
        cursor = page["next_cursor"]
    assert seen == [(name, key) for name in ("one", "three", "two") for key in ("a", "b")]
    assert seen == [(schedule["pipeline_name"], schedule["key"]) for schedule in whole["schedules"]]
    refused = await client.get("/api/schedules", params={"cursor": "nothing"})
    assert (refused.status_code, refused.json()["code"]) == (422, "cursor_invalid")
