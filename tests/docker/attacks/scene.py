"""Sets the scene for attacks: containers to aim at, folders and links, a body that is let through."""

import json
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from fastflow.adapters.docker import labels
from fastflow.adapters.docker.container_spec import attempt_spec
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.images import Images
from fastflow.adapters.docker.keeper import keeper_spec
from fastflow.domain.limits import Limits
from tests.docker.attacks.attack import Scene
from tests.docker.house import METADATA_ONLY, House

OF_ANOTHER_OWNER: Final = "only-for-another-owner"


@asynccontextmanager
async def scene_in(house: House, engine_address: str, image_name: str) -> AsyncGenerator[Scene]:
    """Make everything that attacks refer to; nothing of it is ever started. All is removed."""
    engine = Engine(engine_address)
    containers = Containers(engine)
    unique = secrets.token_hex(6)
    other_image = f"fastflow-attacks:{unique}"
    await Images(engine).import_tar(other_image, _empty_tar())
    found = await Images(engine).find(other_image)
    assert found is not None
    foreign_name = f"foreign-{unique}"
    foreign = await containers.create(
        foreign_name, {"Image": house.image, "Cmd": ["true"], "Env": [f"SECRET={OF_ANOTHER_OWNER}"]}
    )
    valid = valid_body(house)
    own_name = f"fastflow-own-{unique}"
    own = await Containers(house.engine).create(own_name, valid)
    keeper = await Containers(house.engine).create(f"fastflow-namespace-{unique}", keeper_body(house))
    joined = await Containers(house.engine).create(f"fastflow-joined-{unique}", _joining(valid, keeper))
    _make_links(house.directory)
    try:
        yield Scene(
            valid,
            {
                "unique": unique,
                "foreign": foreign,
                "foreign_name": foreign_name,
                "foreign_short": foreign[:12],
                "own": own,
                "own_name": own_name,
                "own_short": own[:12],
                "own_upper": own.upper(),
                "keeper": keeper,
                "joined": joined,
                "keeper_upper": keeper.upper(),
                "image": house.image,
                "image_name": image_name,
                "other_image": other_image,
                "other_image_id": found.id,
                "folder": str(house.directory),
            },
            keeper_body(house),
        )
    finally:
        for container in (foreign, own, joined, keeper):
            await containers.remove(container)
        await engine.call("DELETE", f"/images/{other_image}")
        await engine.close()


def valid_body(house: House) -> Mapping[str, Any]:
    """Return what an attempt of that installation sends; it has a memory limit to change."""
    request = house.request("print(1)", limits=Limits(memory_bytes=128 * 1024**2))
    return attempt_spec(request, house.image, house.confinement)


def keeper_body(house: House) -> Mapping[str, Any]:
    """Return what that installation sends for a keeper."""
    return json.loads(json.dumps(keeper_spec(house.image, METADATA_ONLY, house.confinement)))


def _joining(valid: Mapping[str, Any], keeper: str) -> Mapping[str, Any]:
    host = {**valid["HostConfig"], "NetworkMode": f"container:{keeper}"}
    labelled = {**valid["Labels"], labels.NAMESPACE: keeper}
    return {**valid, "HostConfig": host, "Labels": labelled, "NetworkDisabled": False}


async def _empty_tar() -> AsyncIterator[bytes]:
    yield b"\0" * 10_240


def _make_links(folder: Path) -> None:
    (folder / "link-to-etc").symlink_to("/etc")
    (folder / "link-to-root").symlink_to("/")
    (folder / "link-to-link").symlink_to("link-to-etc")
    (folder / "code").mkdir()
    (folder / "store" / "env").mkdir(parents=True)
    folder.with_name(f"{folder.name}-next-door").mkdir()
