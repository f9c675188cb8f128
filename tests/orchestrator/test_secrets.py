"""Secrets on their way into a run, and what is left of them afterwards: nothing."""

import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta

from cryptography.fernet import Fernet

from fastflow.adapters.crypto.fernet import FernetCipher
from fastflow.domain.errors import Unavailable
from fastflow.domain.outcome import Blame, Outcome
from fastflow.domain.run import RunStatus
from fastflow.domain.secret import SecretsUnavailable
from fastflow.store.tables import AttemptRow
from tests.plugins.world import Instance, World

Start = Callable[..., Awaitable[Instance]]
PASSWORD = "correct horse/battery+staple"  # noqa: S105 - of nothing
LISTS_IT = '{"secrets": ["DB_PASSWORD"]}'
RETRIES = (
    '{"secrets": ["DB_PASSWORD"], "retry_attempts": 1, '
    '"retry_strategy": {"type": "fixed_delay", "delay": 10}}'
)


async def test_a_run_receives_the_secret_that_it_lists_and_its_log_does_not_hold_it(
    world: World, start: Start
) -> None:
    server = await start()
    world.source.put("p", manifest=LISTS_IT)
    world.executor.script(
        "p", lines=[f"connecting with {PASSWORD}", base64.b64encode(PASSWORD.encode()).decode()]
    )
    await server.secrets.put("DB_PASSWORD", PASSWORD)
    await server.secrets.put("OTHER", "not listed by anybody")
    run_id = await server.trigger()
    await server.claim_all()
    await server.worker.join()
    variables = world.executor.starts[0].variables
    assert variables["DB_PASSWORD"] == PASSWORD
    assert "OTHER" not in variables
    assert await server.lines(run_id) == ["connecting with ***", "***"]
    assert PASSWORD not in (await server.get(run_id)).run.model_dump_json()


async def test_a_pipelines_own_secret_wins_over_the_global_one_and_over_the_runs_variable(
    world: World, start: Start
) -> None:
    server = await start()
    world.source.put("p", manifest=LISTS_IT)
    world.executor.script("p")
    await server.secrets.put("DB_PASSWORD", "the one for all")
    await server.secrets.put("DB_PASSWORD", PASSWORD, "p")
    await server.secrets.put("DB_PASSWORD", "of another one", "q")
    await server.trigger(DB_PASSWORD="given")  # noqa: S106
    await server.claim_all()
    await server.worker.join()
    assert world.executor.starts[0].variables["DB_PASSWORD"] == PASSWORD


async def test_a_listed_secret_that_does_not_exist_starts_nothing_and_says_what_to_do(
    world: World, start: Start
) -> None:
    server = await start()
    world.source.put("p", manifest=RETRIES)
    run_id = await server.trigger()
    await server.claim_all()
    await server.worker.join()
    run = (await server.get(run_id)).run
    assert (run.status, run.outcome, run.blame) == (
        RunStatus.FAILED,
        Outcome.SECRETS_UNAVAILABLE,
        Blame.PIPELINE,
    )
    assert "fastflow secrets set DB_PASSWORD --pipeline p" in (run.reason or "")
    assert world.executor.starts == []


async def test_encrypted_env_is_decrypted_for_the_run_alone(world: World, start: Start) -> None:
    server = await start()
    ciphertext = server.secrets.encrypt(PASSWORD)
    world.source.put("p", manifest=f'{{"encrypted_env": {{"DB_PASSWORD": "{ciphertext}"}}}}')
    world.executor.script("p", lines=[PASSWORD])
    run_id = await server.trigger()
    await server.claim_all()
    await server.worker.join()
    assert world.executor.starts[0].variables["DB_PASSWORD"] == PASSWORD
    assert await server.lines(run_id) == ["***"]


async def test_with_another_key_only_the_runs_that_need_the_old_one_are_not_started(
    world: World, start: Start
) -> None:
    server = await start()
    await server.secrets.put("DB_PASSWORD", PASSWORD)
    world.cipher = FernetCipher([Fernet.generate_key().decode()])
    world.source.put("p", manifest=LISTS_IT)
    world.source.put("other")
    world.executor.script("other")
    server = await start()
    needs_it, other = await server.trigger(), await server.trigger("other")
    await server.claim_all()
    await server.worker.join()
    run = (await server.get(needs_it)).run
    assert (run.outcome, run.blame) == (Outcome.SECRETS_UNAVAILABLE, Blame.PLATFORM)
    assert "encrypted with another key" in (run.reason or "")
    assert (await server.get(other)).run.status is RunStatus.SUCCESS


async def test_a_retry_gets_the_value_of_its_own_start(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p", manifest=RETRIES)
    world.executor.script("p", exit_code=1)
    await server.secrets.put("DB_PASSWORD", "the first value")
    await server.trigger()
    await server.claim_all()
    await server.worker.join()
    await server.secrets.put("DB_PASSWORD", "the second value")
    await world.clock.advance(timedelta(seconds=12))
    await server.claim_all()
    await server.worker.join()
    received = [request.variables["DB_PASSWORD"] for request in world.executor.starts]
    assert received == ["the first value", "the second value"]


async def test_a_server_that_adopts_a_run_hides_what_it_received_although_the_secret_has_changed(
    world: World, start: Start
) -> None:
    first = await start()
    world.source.put("p", manifest=LISTS_IT)
    await first.secrets.put("DB_PASSWORD", PASSWORD)
    run_id = await first.trigger()
    await first.claim_all()
    await first.until(run_id, RunStatus.RUNNING)
    world.executor.emit(run_id, f"before: {PASSWORD}")
    await first.logs_reach(run_id, 1)
    await first.secrets.put("DB_PASSWORD", "another one by now")
    await first.end()
    world.executor.emit(run_id, f"meanwhile: {PASSWORD}")
    second = await start()
    await second.reconciler.tick()
    world.executor.emit(run_id, f"after: {PASSWORD}")
    world.executor.finish(run_id)
    await second.worker.join()
    assert await second.lines(run_id) == ["before: ***", "meanwhile: ***", "after: ***"]
    assert [row.secret_values for row in (await second.get(run_id)).attempts] == [None]


async def test_an_adopted_run_whose_values_nobody_can_know_any_more_is_hidden_line_by_line(
    world: World, start: Start
) -> None:
    first = await start()
    world.source.put("p", manifest=LISTS_IT)
    await first.secrets.put("DB_PASSWORD", PASSWORD)
    run_id = await first.trigger()
    await first.claim_all()
    await first.until(run_id, RunStatus.RUNNING)
    await first.end()
    world.cipher = FernetCipher([Fernet.generate_key().decode()])
    world.executor.emit(run_id, PASSWORD)
    second = await start()
    await second.reconciler.tick()
    world.executor.emit(run_id, "ordinary")
    world.executor.finish(run_id)
    await second.worker.join()
    assert await second.lines(run_id) == ["***", "***"]
    assert (await second.get(run_id)).run.status is RunStatus.SUCCESS


async def test_what_a_running_attempt_received_is_kept_encrypted_and_only_until_its_end(
    world: World, start: Start
) -> None:
    server = await start()
    world.source.put("p", manifest=LISTS_IT)
    await server.secrets.put("DB_PASSWORD", PASSWORD)
    run_id = await server.trigger()
    await server.claim_all()
    await server.until(run_id, RunStatus.RUNNING)
    attempt: AttemptRow = (await server.get(run_id)).attempts[0]
    assert attempt.secret_values is not None
    assert PASSWORD in world.cipher.decrypt(attempt.secret_values)
    world.executor.finish(run_id)
    await server.worker.join()
    assert (await server.get(run_id)).attempts[0].secret_values is None


async def test_no_sentence_of_a_run_holds_a_secret(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p", manifest=LISTS_IT)
    world.executor.script("p")
    world.executor.fail_start("p", Unavailable("executor_unavailable", f"bad variable: {PASSWORD}"))
    await server.secrets.put("DB_PASSWORD", PASSWORD)
    run_id = await server.trigger()
    await server.claim_all()
    await server.worker.join()
    assert (await server.get(run_id)).run.reason == "Waits: bad variable: ***"


async def test_a_route_with_a_secret_in_it_is_refused(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p", manifest=LISTS_IT)
    await server.secrets.put("DB_PASSWORD", PASSWORD)
    run_id = await server.trigger()
    await server.claim_all()
    request = await world.executor.started(run_id)
    (request.directory / "route").write_text(f"to-{PASSWORD}")
    world.executor.finish(run_id)
    await server.worker.join()
    run = (await server.get(run_id)).run
    assert run.route is None
    assert any("it holds a secret" in warning for warning in run.warnings)


async def test_the_last_use_of_a_secret_is_noted_with_its_run(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p", manifest=LISTS_IT)
    world.executor.script("p")
    await server.secrets.put("DB_PASSWORD", PASSWORD)
    [before] = await server.secrets.every()
    assert (before.last_used_at, before.last_run_id) == (None, None)
    run_id = await server.trigger()
    await server.claim_all()
    await server.worker.join()
    [after] = await server.secrets.every()
    assert after.last_run_id == run_id
    assert after.last_used_at is not None


AS_A_FILE = '{"secrets": [{"key": "CERTIFICATE", "as": "file"}, "DB_PASSWORD"]}'
CERTIFICATE = "-----BEGIN-----\nMIIBszCCARygAwIBAgIU\n-----END-----\n"


async def test_a_secret_as_a_file_is_no_variable_and_is_masked_like_every_other(
    world: World, start: Start
) -> None:
    server = await start()
    world.source.put("p", manifest=AS_A_FILE)
    world.executor.script("p", lines=["read MIIBszCCARygAwIBAgIU", f"and {PASSWORD}"])
    await server.secrets.put("CERTIFICATE", CERTIFICATE)
    await server.secrets.put("DB_PASSWORD", PASSWORD)
    run_id = await server.trigger()
    await server.claim_all()
    await server.worker.join()
    [request] = world.executor.starts
    assert [(file.name, file.value) for file in request.secret_files] == [("CERTIFICATE", CERTIFICATE)]
    assert "CERTIFICATE" not in request.variables
    assert request.variables["DB_PASSWORD"] == PASSWORD
    assert await server.lines(run_id) == ["read ***", "and ***"]
    used = {row.name: row.last_run_id for row in await server.secrets.every()}
    assert used == {"CERTIFICATE": run_id, "DB_PASSWORD": run_id}


async def test_a_file_whose_secret_is_missing_starts_nothing(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p", manifest=AS_A_FILE)
    await server.secrets.put("DB_PASSWORD", PASSWORD)
    run_id = await server.trigger()
    await server.claim_all()
    await server.worker.join()
    run = (await server.get(run_id)).run
    assert run.outcome is Outcome.SECRETS_UNAVAILABLE
    assert "CERTIFICATE" in (run.reason or "")
    assert world.executor.starts == []


async def test_an_adopted_attempt_hides_what_it_got_as_a_file(world: World, start: Start) -> None:
    first = await start()
    world.source.put("p", manifest=AS_A_FILE)
    await first.secrets.put("CERTIFICATE", CERTIFICATE)
    await first.secrets.put("DB_PASSWORD", PASSWORD)
    run_id = await first.trigger()
    await first.claim_all()
    await world.executor.started(run_id)
    await first.until(run_id, RunStatus.RUNNING)
    await first.end()
    second = await start()
    await second.reconciler.tick()
    world.executor.emit(run_id, "MIIBszCCARygAwIBAgIU")
    world.executor.finish(run_id)
    await second.worker.join()
    assert await second.lines(run_id) == ["***"]


async def test_an_executor_that_can_not_hand_files_over_ends_the_run_with_the_remedy(
    world: World, start: Start
) -> None:
    server = await start()
    world.source.put("p", manifest=AS_A_FILE)
    await server.secrets.put("CERTIFICATE", CERTIFICATE)
    await server.secrets.put("DB_PASSWORD", PASSWORD)
    world.executor.fail_start(
        "p", SecretsUnavailable("secrets_not_taken", "Not started: so.", Blame.PLATFORM)
    )
    run_id = await server.trigger()
    await server.claim_all()
    await server.worker.join()
    run = (await server.get(run_id)).run
    assert (run.outcome, run.reason) == (Outcome.SECRETS_UNAVAILABLE, "Not started: so.")
