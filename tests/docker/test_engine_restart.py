"""An Engine that goes away in mid-run and comes back: what can be saved is, and the rest is told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

import pytest

from fastflow.domain.execution import StartKind
from fastflow.domain.log import Stream
from tests.docker.house import House, ended, first_output
from tests.docker.private_engine import PrivateEngine
from tests.docker.private_house import engine_with, house_at, is_possible
from tests.docker.standby_house import place_in

pytestmark = [
    pytest.mark.skipif(not is_possible(), reason="needs root and dockerd of its own"),
    pytest.mark.timeout(300),
]

SLEEP = "import time; print('ready', flush=True); time.sleep(600)"
COUNT = "import time\nfor number in range(400): print(number, flush=True); time.sleep(0.01)"


@pytest.fixture
async def engine(request: pytest.FixtureRequest, image: str) -> AsyncIterator[PrivateEngine]:
    options: tuple[str, ...] = getattr(request, "param", ())
    async with engine_with(image, *options) as engine:
        yield engine


@pytest.fixture
async def private_house(engine: PrivateEngine, tmp_path: Path, image: str) -> AsyncIterator[House]:
    async with house_at(engine, tmp_path, image) as house:
        yield house


@pytest.mark.parametrize("number", [SIGTERM, SIGKILL])
async def test_what_is_taken_down_with_its_engine_is_host_lost(
    private_house: House, engine: PrivateEngine, number: Signals
) -> None:
    executor = private_house.executor()
    reference = await executor.start(private_house.request(SLEEP))
    following = asyncio.create_task(ended(executor, reference))
    await first_output(private_house.executor(), reference)
    await asyncio.to_thread(engine.end, number)
    assert not (await executor.readiness()).is_ready
    await asyncio.to_thread(engine.start)
    end = await following
    assert end.ending.was_host_lost
    assert end.bytes_of(Stream.STDOUT) == b"ready\n"
    await executor.remove(reference)


@pytest.mark.parametrize("engine", [("--live-restore",)], indirect=True)
async def test_what_outlives_its_engine_is_followed_on_to_its_end(
    private_house: House, engine: PrivateEngine
) -> None:
    executor = private_house.executor()
    reference = await executor.start(private_house.request(COUNT))
    following = asyncio.create_task(ended(executor, reference))
    await first_output(private_house.executor(), reference)
    await asyncio.to_thread(engine.end, SIGTERM)
    await asyncio.to_thread(engine.start)
    end = await following
    assert end.ending.exit_code == 0
    assert not end.ending.was_host_lost
    assert end.text.split() == [str(number) for number in range(400)]
    await executor.remove(reference)


@pytest.mark.parametrize("number", [SIGTERM, SIGKILL])
async def test_what_waited_goes_with_its_engine_and_runs_start_without_it(
    private_house: House, engine: PrivateEngine, number: Signals
) -> None:
    async with place_in(private_house) as place:
        await place.run(place.request("print(1)"))
        await place.until_ready()
        await asyncio.to_thread(engine.end, number)
        await asyncio.to_thread(engine.start)
        end, _ = await place.run(place.request("print(2)"))
        assert (end.text, end.ending.exit_code) == ("2\n", 0)
        await place.until_ready()
        end, kind = await place.run(place.request("print(3)"))
        assert (end.text, kind) == ("3\n", StartKind.STANDBY)
