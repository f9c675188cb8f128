"""What the server is made of, and how its machine does."""

import asyncio
import platform
from datetime import timedelta

import httpx2

from fastflow.domain.finding import Finding, Verdict
from fastflow.domain.role import Role
from tests.api.access_credentials import Makers, bearer
from tests.plugins.world import Instance, World


async def test_the_versions_of_all_that_matters_are_told(client: httpx2.AsyncClient, world: World) -> None:
    world.host.engine = "27.5.1"
    await world.clock.advance(timedelta(minutes=2))
    about = (await client.get("/api/about")).json()
    assert about["python_version"] == platform.python_version()
    assert about["uv_version"] == "0.13.9"
    assert about["database"]["kind"] == "SQLite"
    assert about["database"]["version"].startswith("3.")
    assert about["executor"] == {"name": "fake", "is_isolating": True, "engine_version": "27.5.1"}
    assert (about["started_at"], about["uptime_seconds"]) == ("2030-01-01T00:00:00Z", 120)
    assert about["data"]["is_size_complete"]
    assert 0 < about["data"]["size_bytes"] < about["data"]["total_bytes"]
    assert about["version"] == (await client.get("/health")).json()["version"]


async def test_only_admins_are_told_more_than_the_verdicts(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.host.findings = [
        Finding("disk", Verdict.WARN, "1 GiB free for /srv/data.", "Free some space."),
        Finding("uv", Verdict.OK, "uv 0.13.9 at /usr/bin/uv."),
    ]
    make = Makers(server)
    await make.begin()
    viewer = {"Authorization": bearer(await make.session(await make.user(Role.VIEWER)))}
    admin = {"Authorization": bearer(await make.session(await make.user(Role.ADMIN)))}
    hidden = await client.get("/api/about/doctor", headers=viewer)
    assert [(each["name"], each["verdict"]) for each in hidden.json()["findings"]] == [
        ("disk", "warn"),
        ("uv", "ok"),
    ]
    assert "/" not in hidden.text
    told = (await client.get("/api/about/doctor", headers=admin)).json()["findings"]
    assert told[0]["message"] == "1 GiB free for /srv/data."
    assert [each["remedy"] for each in told] == ["Free some space.", None]


async def test_many_who_look_at_once_get_one_examination(client: httpx2.AsyncClient, world: World) -> None:
    await asyncio.gather(*(client.get("/api/about/doctor") for _ in range(5)))
    assert world.host.examinations == 1
    await world.clock.advance(timedelta(minutes=5))
    assert (await client.get("/api/about/doctor")).json()["examined_at"] == "2030-01-01T00:05:00Z"
    assert world.host.examinations == 2
