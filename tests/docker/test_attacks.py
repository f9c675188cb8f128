"""No attack passes the proxy; and the attacks are real: many pass without it."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from fastflow.adapters.docker import labels
from fastflow.adapters.docker.container_spec import default_owner
from fastflow.adapters.docker.containers import Containers
from tests.docker.attacks.attack import Attack, Scene, attacks
from tests.docker.attacks.scene import OF_ANOTHER_OWNER, scene_in
from tests.docker.attacks.sending import Reply, send
from tests.docker.house import ADDRESS, METADATA_ONLY, House
from tests.docker.proxied import MISSING_IMAGE, policy_for, proxy_before

CLASSES = range(1, 59)
AT_ONCE = 8
OF_THE_SCENE = ("own", "keeper", "joined")
MOST_TRIED_WITHOUT = 3
HIGHER = (*METADATA_ONLY.denied, "10.0.0.0/8")
pytestmark = pytest.mark.timeout(300)


@asynccontextmanager
async def walled(folder: Path, image: str) -> AsyncGenerator[tuple[str, House]]:
    """A proxy that is always there, however the ring is run."""
    async with proxy_before(ADDRESS, policy_for(folder, image)) as address:
        house = House(address, f"test-{secrets.token_hex(6)}", image, folder, default_owner())
        yield address, house
        await house.close()


@pytest.fixture
async def scene(tmp_path: Path, image: str) -> AsyncIterator[tuple[str, Scene]]:
    async with walled(tmp_path, image) as (address, house), scene_in(house, ADDRESS, MISSING_IMAGE) as scene:
        yield address, scene


def test_every_class_of_attack_is_there_and_each_says_why() -> None:
    found = attacks()
    assert {attack.number for attack in found} == set(CLASSES)
    assert len({(attack.number, attack.name) for attack in found}) == len(found) >= 120
    assert all(attack.why for attack in found)


async def test_no_attack_passes_the_proxy(scene: tuple[str, Scene], direct: Containers) -> None:
    address, around = scene
    tried = [(attack, request) for attack in attacks() for request in attack.requests(around)]
    turns = asyncio.Semaphore(AT_ONCE)

    async def attempt(attack: Attack, request: bytes) -> str | None:
        async with turns:
            reply = await send(address, request)
        if is_refused(reply, has_body=attack.method != "HEAD"):
            return None
        return f"{attack.number} {attack.name}: {reply.content[:300]!r} to {request[:300]!r}"

    results = await asyncio.gather(*(attempt(attack, request) for attack, request in tried))
    assert [result for result in results if result] == []
    left = await direct.list({labels.INSTALLATION: around.valid["Labels"][labels.INSTALLATION]})
    assert {container.id for container in left} == {around.values[name] for name in OF_THE_SCENE}


def is_refused(reply: Reply, *, has_body: bool) -> bool:
    """Whether the proxy itself said no, to everything that was in the request, and told nothing."""
    is_told_why = b'{"message": "refused by fastflow docker-proxy: ' in reply.content
    return (
        set(reply.statuses) == {403}
        and (is_told_why or not has_body)
        and OF_ANOTHER_OWNER.encode() not in reply.content
    )


async def test_what_the_attacks_are_changes_of_is_let_through(
    scene: tuple[str, Scene], direct: Containers
) -> None:
    address, around = scene
    unchanged = (
        Attack(0, "nothing changed", "the server's own request", create={}),
        Attack(0, "a keeper as it is", "the server's own request", keeper={}),
        Attack(0, "its walls as they are", "the server's own request", keeper_walls={}),
        Attack(0, "walls that are higher", "more may be denied", keeper_walls={"denied": HIGHER}),
    )
    for request in [request for attack in unchanged for request in list(attack.requests(around))[:2]]:
        reply = await send(address, request)
        assert reply.statuses == [201], reply.content
        assert reply.created is not None
        await direct.remove(reply.created)


async def test_the_attacks_bite_where_there_is_no_proxy(scene: tuple[str, Scene], direct: Containers) -> None:
    """Only looks, and creations that are never started; what was created is removed."""
    _, around = scene
    passed: set[int] = set()
    for number in CLASSES:
        harmless = [attack for attack in attacks() if attack.number == number and attack.is_harmless]
        for attack in harmless[:MOST_TRIED_WITHOUT]:
            reply = await send(ADDRESS, next(attack.requests(around)))
            if reply.created is not None:
                await direct.remove(reply.created)
            if reply.is_passed:
                passed.add(number)
    left = await direct.list({labels.INSTALLATION: around.valid["Labels"][labels.INSTALLATION]})
    assert {container.id for container in left} == {around.values[name] for name in OF_THE_SCENE}
    assert len(passed) >= 30, sorted(passed)
