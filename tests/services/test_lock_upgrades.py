"""Lockfiles are renewed on request, or when they are old; what fails changes nothing."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from fastflow.domain.environment import EnvironmentFailed, EnvironmentStatus, Package
from fastflow.domain.errors import Conflict
from fastflow.services.lock_upgrades import LockUpgrades
from tests.plugins.world import Instance, World

Start = Callable[..., Awaitable[Instance]]
DAYS = timedelta(days=7)


def upgrades(server: Instance, every: timedelta = DAYS) -> LockUpgrades:
    world = server.world
    return LockUpgrades(
        server.database,
        server.pipelines,
        server.tools.source,
        world.environments,
        world.clock,
        default_python=None,
        every=every,
    )


async def locked(world: World, start: Start) -> Instance:
    """Return a server with a pipeline that is locked, and newer packages at the index."""
    server = await start()
    world.source.put("p")
    await server.pipelines.refresh()
    world.environments.lockfile_key = "former"
    world.environments.locked |= {
        "former": (Package("six", "1.16.0"),),
        "newest": (Package("idna", "3.7"), Package("six", "1.17.0")),
    }
    return server


async def test_what_is_newer_is_told_and_the_pipeline_has_it(world: World, start: Start) -> None:
    server = await locked(world, start)
    done = await upgrades(server).upgrade("p")
    changes = [(each.name, each.before, each.after) for each in done.packages or ()]
    assert changes == [("idna", None, "3.7"), ("six", "1.16.0", "1.17.0")]
    row = await server.pipelines.look("p")
    assert (row.lockfile_key, row.environment_status) == ("newest", EnvironmentStatus.READY)


async def test_packages_that_do_not_fit_together_leave_everything_as_it_is(
    world: World, start: Start
) -> None:
    server = await locked(world, start)
    before = (await server.pipelines.look("p")).lockfile_key
    world.environments.fail(EnvironmentFailed("No solution found"))
    with pytest.raises(Conflict, match="No solution found"):
        await upgrades(server).upgrade("p")
    assert (await server.pipelines.look("p")).lockfile_key == before


@pytest.mark.parametrize(("age_days", "is_renewed"), [(6, False), (7, True), (None, False)])
async def test_only_what_is_old_is_renewed_by_itself(
    world: World, start: Start, age_days: int | None, is_renewed: bool
) -> None:
    server = await locked(world, start)
    age = timedelta(days=age_days) if age_days is not None else None
    world.environments.lock_time = world.clock.now() - age if age is not None else None
    await upgrades(server).upgrade_old()
    assert (world.environments.lockfile_key == "newest") is is_renewed


async def test_nothing_is_renewed_by_itself_unless_it_was_asked_for(world: World, start: Start) -> None:
    server = await locked(world, start)
    world.environments.lock_time = world.clock.now() - timedelta(days=900)
    await upgrades(server, timedelta()).upgrade_old()
    assert world.environments.lockfile_key == "former"
