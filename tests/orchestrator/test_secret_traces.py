"""After a run that prints its secrets in every way, none of them is anywhere: files, columns, answers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel

from fastflow.domain.log import Stream
from fastflow.domain.masking_forms import forms_of
from fastflow.domain.secret import value_problem
from tests.domain.test_masking import FORMS
from tests.fakes.clock import FakeClock
from tests.fakes.executor import FakeExecutor
from tests.fakes.script import Script, Write
from tests.fakes.stores import FakeEnvironments, FakeSource
from tests.plugins.world import Instance, World

# Of at least six different characters, so that it is in no time stamp by chance; with an end that no
# word of our own source has, for Hypothesis tries those, too.
values = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"), min_size=6, max_size=58)
    .map(lambda text: f"{text}~Q")
    .filter(lambda text: value_problem(text) is None and len(set(text)) >= 6)
)


@pytest.fixture
async def server(database_url: str, tmp_path: Path) -> AsyncIterator[Instance]:
    clock = FakeClock()
    executor, source = FakeExecutor(clock), FakeSource(tmp_path / "source")
    instance = Instance(World(executor, source, FakeEnvironments(), clock, tmp_path, database_url))
    await instance.begin()
    yield instance
    await instance.end()


def writes(stored: str, encrypted: str, cuts: list[int]) -> list[Write]:
    """Return both values in every form, on both streams, cut into writes of these lengths."""
    result: list[Write] = []
    for stream in Stream:
        raw = "\n".join(form(value) for form in FORMS.values() for value in (stored, encrypted)).encode()
        while raw:
            length = cuts[len(result) % len(cuts)]
            result.append(Write(raw[:length], stream))
            raw = raw[length:]
    return result


def all_columns(session: Session) -> bytes:
    """Return every value of every row of every table."""
    connection = session.connection()
    rows = [row for table in SQLModel.metadata.sorted_tables for row in connection.execute(table.select())]
    return "\n".join(repr(tuple(row)) for row in rows).encode()


def all_files(folder: Path) -> bytes:
    """Return the content of every file, the database's too where it is one."""
    return b"\n".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


async def everything(server: Instance, run_id: str) -> bytes:
    """Return all that can be found anywhere after a run."""
    texts = [await server.database.read(all_columns), await asyncio.to_thread(all_files, server.world.path)]
    transport = httpx2.ASGITransport(app=server.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        paths = (f"runs/{run_id}", f"runs/{run_id}/logs", f"runs/{run_id}/logs/stream", "runs", "pipelines")
        for path in (*paths, "secrets"):
            texts.append((await client.get(f"/api/{path}")).content)
    return b"\n".join(texts)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values, values, st.lists(st.integers(1, 400), min_size=1, max_size=5))
async def test_no_secret_is_found_in_any_form_anywhere_after_a_run_that_printed_it(
    server: Instance, stored: str, encrypted: str, cuts: list[int]
) -> None:
    world = server.world
    ciphertext = server.secrets.encrypt(encrypted)
    world.source.put("p", manifest=f'{{"secrets": ["A"], "encrypted_env": {{"B": "{ciphertext}"}}}}')
    await server.secrets.put("A", stored)
    world.executor.script("p", Script(writes(stored, encrypted, cuts), exit_code=None))
    run_id = await server.trigger()
    await server.claim_all()
    request = await world.executor.started(run_id)
    assert (request.variables["A"], request.variables["B"]) == (stored, encrypted)
    await asyncio.to_thread((request.directory / "route").write_text, stored)
    world.executor.finish(run_id, 1)
    await server.worker.join()
    found = await everything(server, run_id)
    assert b"***" in found
    for value in (stored, encrypted):
        assert [form.text for form in forms_of(value) if form.text in found.replace(b"***", b"\0")] == []
