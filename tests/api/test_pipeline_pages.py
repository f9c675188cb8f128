"""What the page of one pipeline shows beside the pipeline itself."""

from datetime import UTC, datetime, timedelta

import httpx2

from fastflow.domain.environment import BuiltEnvironment, EnvironmentFailed, Package
from fastflow.domain.run import RunStatus
from tests.plugins.world import Instance, World

BUILT = BuiltEnvironment(
    "3.12.4",
    (Package("idna", "3.7"), Package("six", "1.17.0")),
    4711,
    datetime(2029, 1, 1, tzinfo=UTC),
)


async def test_the_readme_is_that_of_the_present_revision(client: httpx2.AsyncClient, world: World) -> None:
    world.source.put("hello", {"main.py": "", "README.md": "# Hello\n"})
    first = await client.get("/api/pipelines/hello/readme")
    assert first.json() == {"text": "# Hello\n", "is_truncated": False}
    world.source.put("hello", {"main.py": "", "README.md": "x" * (256 * 1024 + 1)})
    second = (await client.get("/api/pipelines/hello/readme")).json()
    assert (len(second["text"]), second["is_truncated"]) == (256 * 1024, True)


async def test_a_pipeline_without_a_readme_says_what_could_be_there(
    client: httpx2.AsyncClient, world: World
) -> None:
    answer = await client.get("/api/pipelines/hello/readme")
    assert (answer.status_code, answer.json()["code"]) == (404, "readme_not_found")
    world.source.put("broken", problem="main.py is a folder.")
    assert (await client.get("/api/pipelines/broken/readme")).json()["code"] == "readme_not_found"
    assert (await client.get("/api/pipelines/gone/readme")).json()["code"] == "pipeline_not_found"


async def test_the_days_on_which_runs_ended_are_counted_by_how(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    await server.runs.cancel(await server.trigger("hello"))
    await world.clock.advance(timedelta(days=2))
    for _ in range(2):
        await server.runs.cancel(await server.trigger("hello"))
    days = (await client.get("/api/pipelines/hello/days")).json()["days"]
    assert [(day["day"], day["cancelled"]) for day in days] == [("2030-01-01", 1), ("2030-01-03", 2)]
    assert days[0] == {**days[0], "succeeded": 0, "failed": 0, "skipped": 0, "seconds": 0.0}
    newest = (await client.get("/api/pipelines/hello/days?days=2")).json()["days"]
    assert [day["day"] for day in newest] == ["2030-01-03"]
    assert (await client.get("/api/pipelines/hello/days?days=0")).status_code == 422
    missing = await client.get("/api/pipelines/never/days")
    assert (missing.status_code, missing.json()["code"]) == (404, "pipeline_not_found")
    world.source.drop("hello")
    await server.pipelines.refresh()
    assert (await client.get("/api/pipelines/hello/days")).json()["days"] == days


async def test_what_was_warmed_is_shown_with_its_packages(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    before = (await client.get("/api/pipelines/hello/environment")).json()
    assert (before["status"], before["packages"], before["built_at"]) == ("unknown", None, None)
    world.environments.lockfile_key = "l1"
    world.environments.built["python-default-l1"] = BUILT
    await server.parts.warming.tick()
    after = (await client.get("/api/pipelines/hello/environment")).json()
    assert after == {
        "status": "ready",
        "reason": None,
        "python_version": "3.12.4",
        "asked_python_version": None,
        "environment_key": "python-default-l1",
        "lockfile_key": "l1",
        "packages": [{"name": "idna", "version": "3.7"}, {"name": "six", "version": "1.17.0"}],
        "size_bytes": 4711,
        "built_at": "2029-01-01T00:00:00Z",
    }


async def test_without_warming_the_last_run_tells_the_environment(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.source.put("hello", manifest='{"python_version": "3.12"}')
    world.environments.lockfile_key = "l1"
    world.environments.locked["l1"] = (Package("six", "1.17.0"),)
    run = await server.trigger("hello")
    await server.claim_all()
    await server.until(run, RunStatus.RUNNING)
    shown = (await client.get("/api/pipelines/hello/environment")).json()
    assert (shown["environment_key"], shown["asked_python_version"]) == ("python-3.12-l1", "3.12")
    assert shown["packages"] == [{"name": "six", "version": "1.17.0"}]
    assert shown["size_bytes"] is None
    world.source.put("hello", manifest='{"python_version": "3.13"}')
    changed = (await client.get("/api/pipelines/hello/environment")).json()
    assert (changed["environment_key"], changed["packages"]) == (None, None)


async def test_requirements_that_cannot_be_met_are_told_in_uvs_words(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    await server.pipelines.refresh()
    world.environments.fail(EnvironmentFailed("No solution found"))
    await server.parts.warming.tick()
    shown = (await client.get("/api/pipelines/hello/environment")).json()
    assert (shown["status"], shown["reason"]) == ("failed", "No solution found")
