"""Work that is shared, and locks between processes."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from fastflow.adapters.uv.file_lock import held, try_lock
from fastflow.adapters.uv.single_flight import SingleFlight


class Work:
    """Something slow that ends when told to."""

    def __init__(self) -> None:
        self.started = 0
        self.was_cancelled = False
        self.may_end = asyncio.Event()

    async def __call__(self) -> str:
        self.started += 1
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        return "done"


async def begin(flight: SingleFlight[str, str], work: Work, callers: int) -> list[asyncio.Task[str]]:
    tasks = [asyncio.ensure_future(flight.run("key", work)) for _ in range(callers)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_all_who_ask_at_once_share_one_piece_of_work() -> None:
    flight, work = SingleFlight[str, str](), Work()
    tasks = await begin(flight, work, 40)

    work.may_end.set()

    assert await asyncio.gather(*tasks) == ["done"] * 40
    assert work.started == 1


async def test_a_caller_that_leaves_does_not_take_the_work_along() -> None:
    flight, work = SingleFlight[str, str](), Work()
    first, second = await begin(flight, work, 2)

    first.cancel()
    await asyncio.wait([first])
    work.may_end.set()

    assert first.cancelled()
    assert await second == "done"


async def test_work_that_nobody_waits_for_any_more_is_cancelled() -> None:
    flight, work = SingleFlight[str, str](), Work()
    for task in await begin(flight, work, 2):
        task.cancel()
        await asyncio.wait([task])

    assert work.was_cancelled


async def test_who_comes_while_cancelled_work_is_dying_gets_a_new_one() -> None:
    flight, again, is_dying, may_die = SingleFlight[str, str](), Work(), asyncio.Event(), asyncio.Event()

    async def die_slowly() -> str:
        try:
            return await Work()()
        finally:
            is_dying.set()
            await may_die.wait()

    task = asyncio.ensure_future(flight.run("key", die_slowly))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await is_dying.wait()
    again.may_end.set()

    assert await flight.run("key", again) == "done"
    may_die.set()
    await asyncio.wait([task])


async def test_a_failure_reaches_everyone_and_is_not_kept() -> None:
    flight = SingleFlight[str, str]()

    async def fail() -> str:
        await asyncio.sleep(0)
        raise ValueError("no")

    async def succeed() -> str:
        return "done"

    results = await asyncio.gather(*(flight.run("key", fail) for _ in range(3)), return_exceptions=True)

    assert [type(result) for result in results] == [ValueError] * 3
    assert await flight.run("key", succeed) == "done"


async def test_a_lock_lets_one_in_at_a_time(tmp_path: Path) -> None:
    inside, most = 0, 0

    async def enter() -> None:
        nonlocal inside, most
        async with held(tmp_path / "locks" / "key"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(enter() for _ in range(5)))

    assert most == 1


async def test_a_caller_that_waits_for_a_lock_can_be_cancelled(tmp_path: Path) -> None:
    async with held(tmp_path / "key"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1), held(tmp_path / "key"):
                pytest.fail("two held one lock")


def test_a_lock_excludes_another_process(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from fastflow.adapters.uv.file_lock import try_lock;"
        "print(try_lock(Path(sys.argv[1])) is not None, flush=True); sys.stdin.read()"
    )
    lock = tmp_path / "key"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert try_lock(lock) is None
        other.kill()
    assert try_lock(lock) is not None
