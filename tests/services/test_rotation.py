"""A new key reaches everything that is stored encrypted, online, and is safe to interrupt anywhere."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from fastflow.adapters.crypto.fernet import FernetCipher
from fastflow.domain.errors import Conflict
from fastflow.domain.ports import Clock
from fastflow.domain.repository import Authentication, RepositoryOrigin
from fastflow.domain.spec import RunSpec
from fastflow.services.key_check import KeyCheck
from fastflow.services.push_targets import PushTargets
from fastflow.services.rotation import KeyRotation
from fastflow.store import ciphertexts
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.tables import GitHubAppRow, RepositoryRow, SecretRow, WebhookKeyRow
from tests.fakes.clock import FakeClock
from tests.plugins.world import Instance, World

Start = Callable[..., Awaitable[Instance]]
NOW = datetime(2030, 1, 1, tzinfo=UTC)


async def opened(file: Path) -> FernetCipher:
    """Return a cipher with the keys in that file, as a server that starts now has it."""
    return await asyncio.to_thread(FernetCipher.open, "", file)


async def keys_in(file: Path) -> list[str]:
    """Return the keys in that file, the newest first."""
    return (await asyncio.to_thread(file.read_text)).split()


async def key_file(folder: Path) -> Path:
    """Make the file of an installation's own key."""
    file = folder / "encryption"
    await asyncio.to_thread(file.write_text, f"{Fernet.generate_key().decode()}\n")
    return file


async def with_own_key(world: World) -> Path:
    """Let servers that start from now on have their key in a file of their own; return it."""
    file = await key_file(world.path)
    world.cipher = await opened(file)
    return file


def rows_of_every_kind(cipher: FernetCipher) -> list[object]:
    """Return one row of each table whose columns are ciphertexts alone."""
    return [
        SecretRow(pipeline_name="", name="A", value=cipher.encrypt("secret"), created_at=NOW, changed_at=NOW),
        GitHubAppRow(
            name="app",
            origin=RepositoryOrigin.API,
            app_id="1",
            api_url="https://api.github.com",
            private_key=cipher.encrypt("secret"),
            created_at=NOW,
            changed_at=NOW,
        ),
        RepositoryRow(
            id=new_id(),
            name="repository",
            origin=RepositoryOrigin.API,
            url="https://git.example/r.git",
            authentication=Authentication.TOKEN,
            secret=cipher.encrypt("secret"),
            push_secret=cipher.encrypt("secret"),
            created_at=NOW,
            changed_at=NOW,
        ),
        WebhookKeyRow(
            id=new_id(),
            pipeline_name="p",
            key_hash="",
            hint="",
            signing_secret=cipher.encrypt("secret"),
            created_at=NOW,
        ),
    ]


async def test_everything_in_either_database_is_encrypted_anew_and_the_old_key_goes(
    database_url: str, tmp_path: Path
) -> None:
    file = await key_file(tmp_path)
    [old], cipher = await keys_in(file), await opened(file)
    database = Database(database_url)
    try:
        await database.write(lambda session: session.add_all(rows_of_every_kind(cipher)))
        found = await KeyRotation(database, cipher, FakeClock()).rotate()
        assert found.renewed == {
            "secrets.value": 1,
            "github_apps.private_key": 1,
            "repositories.secret": 1,
            "repositories.push_secret": 1,
            "webhook_keys.signing_secret": 1,
        }
        assert (found.has_new_key, found.former_keys, found.unreadable) == (True, 0, [])
        [new] = await keys_in(file)
        assert new != old
        assert (await asyncio.to_thread(file.stat)).st_mode & 0o777 == 0o600
        for holder in ciphertexts.holders():
            for row in await database.read(lambda s, holder=holder: ciphertexts.page(s, holder, None)):
                assert FernetCipher([new]).decrypt(row[-1]) == "secret"
    finally:
        await database.close()


async def test_runs_and_schedules_and_what_a_live_attempt_received_are_reached_too(
    world: World, start: Start
) -> None:
    file = await with_own_key(world)
    server = await start()
    ciphertext = server.secrets.encrypt("of a variable")
    world.source.put("p", manifest=json.dumps({"encrypted_env": {"TOKEN": ciphertext}}))
    run_id = await server.trigger()
    await server.claim_all()
    await world.executor.started(run_id)
    waiting = await server.trigger()
    found = await server.rotation.rotate()
    assert found.renewed == {"runs.spec": 2, "attempts.secret_values": 1}
    assert [(need.pipeline_name, need.field, need.is_lost) for need in found.manifests] == [
        ("p", "encrypted_env.TOKEN", False)
    ]
    assert found.former_keys == 1, "the manifest still needs it"
    assert "fastflow secrets encrypt" in found.advice
    newest = FernetCipher((await keys_in(file))[:1])
    spec = RunSpec.model_validate((await server.get(waiting)).run.spec)
    assert newest.decrypt(spec.encrypted_variables["TOKEN"]) == "of a variable"
    world.executor.finish(run_id)
    await server.worker.join()


async def test_once_the_manifest_was_mended_the_next_rotation_drops_the_former_key_and_makes_none(
    world: World, start: Start
) -> None:
    file = await with_own_key(world)
    server = await start()
    world.source.put("p", manifest=json.dumps({"encrypted_env": {"T": server.secrets.encrypt("value")}}))
    await server.pipelines.refresh()
    await server.rotation.rotate()
    newest, _ = await keys_in(file)
    world.source.put("p", manifest=json.dumps({"encrypted_env": {"T": server.secrets.encrypt("value")}}))
    await server.pipelines.refresh()
    found = await server.rotation.rotate()
    assert (found.has_new_key, found.former_keys, found.manifests) == (False, 0, [])
    assert await keys_in(file) == [newest]


async def test_former_keys_can_be_dropped_although_a_manifest_needs_them(world: World, start: Start) -> None:
    file = await with_own_key(world)
    server = await start()
    world.source.put("p", manifest=json.dumps({"encrypted_env": {"T": server.secrets.encrypt("value")}}))
    await server.pipelines.refresh()
    found = await server.rotation.rotate(drops_former_keys=True)
    assert found.former_keys == 0
    assert len(await keys_in(file)) == 1


class Interrupted(Exception):
    """The server was killed here."""


class DyingClock(FakeClock):
    """Dies when it is asked for the time: at the very end, after the rows and before the report."""

    def now(self) -> datetime:
        raise Interrupted


@pytest.mark.parametrize("is_renewed", [False, True])
async def test_a_rotation_that_was_killed_is_brought_to_its_end_by_the_next_one(
    world: World, start: Start, is_renewed: bool
) -> None:
    file = await with_own_key(world)
    server = await start()
    await server.secrets.put("A", "the value of A")
    await asyncio.to_thread(
        world.cipher.add_key
    )  # what is on disk when it is killed right after the key was made
    if is_renewed:
        dying: Clock = DyingClock()
        with pytest.raises(Interrupted):
            await KeyRotation(server.database, await opened(file), dying).rotate()
    again = await opened(file)
    found = await KeyRotation(server.database, again, world.clock).rotate()
    assert (found.former_keys, found.unreadable) == (0, [])
    assert len(await keys_in(file)) == 1
    rows = await server.secrets.every()
    assert (await opened(file)).decrypt(rows[0].value) == "the value of A"


async def test_keys_of_the_settings_are_left_to_whoever_set_them(world: World, start: Start) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    world.cipher = FernetCipher([old])
    server = await start()
    await server.secrets.put("A", "the value of A")
    assert "put a new one before it" in (await server.rotation.rotate()).advice
    world.cipher = FernetCipher([new, old])
    server = await start()
    found = await server.rotation.rotate()
    assert (found.renewed, found.former_keys) == ({"secrets.value": 1}, 1)
    assert "take all but the first off" in found.advice
    rows = await server.secrets.every()
    assert FernetCipher([new]).decrypt(rows[0].value) == "the value of A"


async def test_what_no_key_opens_is_named_and_left_as_it_is(world: World, start: Start) -> None:
    server = await start()
    await server.secrets.put("A", "the value of A", "p")
    before = (await server.secrets.every())[0].value
    await with_own_key(world)
    server = await start()
    check = KeyCheck(server.rotation, world.clock)
    readiness = await check.readiness()
    assert not readiness.is_ready
    assert "secrets.value of p A" in readiness.message
    found = await server.rotation.rotate()
    assert found.unreadable == ["secrets.value of p A"]
    assert (await server.secrets.every())[0].value == before


async def test_only_one_rotation_runs_at_a_time(world: World, start: Start) -> None:
    server = await start()
    results = await asyncio.gather(server.rotation.rotate(), server.rotation.rotate(), return_exceptions=True)
    assert [isinstance(result, Conflict) for result in results] == [False, True]


async def test_after_a_rotation_a_push_to_nothing_still_finds_nothing(world: World, start: Start) -> None:
    await with_own_key(world)
    server = await start()
    targets = PushTargets(server.database, world.cipher)
    assert (await server.rotation.rotate()).former_keys == 0
    assert await targets.find("nowhere") is None
