"""What differs between a run and the last success before it."""

from datetime import timedelta
from typing import Any

import httpx2

from fastflow.domain.environment import Package
from fastflow.domain.run import RunStatus, Trigger
from fastflow.services.run_requests import RunRequest
from tests.plugins.world import Instance, World


async def run(
    server: Instance,
    exit_code: int = 0,
    *,
    seconds: int = 1,
    variables: dict[str, str] | None = None,
    parameters: dict[str, Any] | None = None,
) -> str:
    """Run `hello` to its end."""
    row = await server.runs.trigger(
        RunRequest("hello", Trigger.API, variables=variables or {}, parameters=parameters or {})
    )
    await server.claim_all()
    await server.until(row.id, RunStatus.RUNNING)
    await server.world.clock.advance(timedelta(seconds=seconds))
    server.world.executor.finish(row.id, exit_code)
    await server.until(row.id, RunStatus.FAILED if exit_code else RunStatus.SUCCESS)
    return row.id


async def compared(client: httpx2.AsyncClient, run_id: str) -> dict[str, Any]:
    answer = await client.get(f"/api/runs/{run_id}/comparison")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_first_run_has_nothing_to_differ_from(client: httpx2.AsyncClient, server: Instance) -> None:
    first = await run(server, exit_code=1)
    found = await compared(client, await run(server, exit_code=1))
    assert (found["baseline_run_id"], found["packages"], found["settings"]) == (None, None, [])
    assert found["revision"]["before"] is None
    assert found["revision"]["after"]
    assert first != found["run_id"]


async def test_the_baseline_is_the_last_success_and_all_that_changed_since_is_told(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.environments.locked |= {
        "l1": (Package("idna", "3.6"), Package("old", "1"), Package("six", "1.17.0")),
        "l2": (Package("idna", "3.7"), Package("new", "2"), Package("six", "1.17.0")),
    }
    world.environments.lockfile_key = "l1"
    old = world.source.put("hello", manifest='{"timeout": 5, "default_env": {"A": "1", "B": "1"}}')
    await run(server)
    baseline = await run(server, seconds=3, variables={"C": "1"}, parameters={"n": 1, "gone": True})
    await run(server, exit_code=1)
    world.environments.lockfile_key = "l2"
    new = world.source.put("hello", manifest='{"timeout": 90, "default_env": {"A": "2", "B": "1"}}')
    failed = await run(server, exit_code=1, seconds=60, variables={"D": "x"}, parameters={"n": 2})
    found = await compared(client, failed)
    assert found["baseline_run_id"] == baseline
    assert found["revision"] == {"before": old, "after": new}
    assert found["lockfile"] == {"before": "l1", "after": "l2"}
    assert found["duration_seconds"] == {"before": 3.0, "after": 60.0}
    assert found["peak_memory_bytes"]["before"] == 20 * 1024**2
    assert found["packages"] == [
        {"name": "idna", "difference": "changed", "before": "3.6", "after": "3.7"},
        {"name": "new", "difference": "added", "before": None, "after": "2"},
        {"name": "old", "difference": "removed", "before": "1", "after": None},
    ]
    assert [(each["name"], each["difference"]) for each in found["variables"]] == [
        ("A", "changed"),
        ("C", "removed"),
        ("D", "added"),
    ]
    assert found["parameters"] == [
        {"name": "gone", "difference": "removed", "before": True, "after": None},
        {"name": "n", "difference": "changed", "before": 1, "after": 2},
    ]
    assert found["settings"] == [
        {"name": "timeout_seconds", "difference": "changed", "before": 5, "after": 90}
    ]


async def test_a_lockfile_that_is_gone_leaves_the_packages_unknown(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    await run(server)
    world.environments.lockfile_key = "gone"
    assert (await compared(client, await run(server)))["packages"] is None


async def test_of_ciphertexts_and_secrets_only_the_names_are_told(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    cipher = world.cipher
    first, again, other = (cipher.encrypt("value") for _ in range(3))
    world.source.put("hello", manifest=f'{{"encrypted_env": {{"KEPT": "{first}", "GONE": "{other}"}}}}')
    await run(server)
    await server.secrets.put("TOKEN", "hidden value")
    world.source.put("hello", manifest=f'{{"encrypted_env": {{"KEPT": "{again}"}}, "secrets": ["TOKEN"]}}')
    answer = await client.get(f"/api/runs/{await run(server)}/comparison")
    found = answer.json()
    assert found["variables"] == [{"name": "GONE", "difference": "removed", "before": "•••", "after": None}]
    assert found["secrets"] == [{"name": "TOKEN", "difference": "added", "before": None, "after": "•••"}]
    assert not {first, again, other, "hidden value"} & set(answer.text.split('"'))


async def test_a_rejected_trigger_and_an_unknown_run_can_be_asked_for(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    await run(server)
    world.source.put("hello", manifest='{"enabled": false}')
    refused = (await client.post("/api/pipelines/hello/run")).json()["fields"]["run_id"]
    found = await compared(client, refused)
    assert found["baseline_run_id"] is not None
    assert found["packages"] is None
    missing = await client.get("/api/runs/nothing/comparison")
    assert (missing.status_code, missing.json()["code"]) == (404, "run_not_found")
