"""The pipe by which a container's init gets the files of secrets, without a container."""

import asyncio
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from fastflow.adapters.docker.container_spec import Owner
from fastflow.adapters.docker.init_pipe import is_waited_for
from fastflow.adapters.docker.secret_pipe import SecretPipe
from fastflow.domain.outcome import Blame
from fastflow.domain.secret import SecretsUnavailable
from fastflow.domain.secret_file import SecretFile

ITSELF = Owner(os.geteuid(), os.getegid())
LARGE = [SecretFile(f"KEY_{number}", "x" * 16_000) for number in range(20)]
"""More than a pipe holds."""


async def test_who_reads_gets_everything_however_much_it_is(tmp_path: Path) -> None:
    pipe = SecretPipe(tmp_path, LARGE)
    await asyncio.to_thread(pipe.make, ITSELF)
    reading = asyncio.create_task(asyncio.to_thread((tmp_path / ".secrets").read_bytes))
    await pipe.hand_over(lambda: False)
    content = await reading
    assert content.count(b"x" * 16_000) == 20
    assert content.endswith(b"exit 0\n")


async def test_where_nobody_comes_for_them_it_says_what_to_do(tmp_path: Path) -> None:
    pipe = SecretPipe(tmp_path, LARGE)
    await asyncio.to_thread(pipe.make, ITSELF)
    with pytest.raises(SecretsUnavailable, match="as variables") as caught:
        await pipe.hand_over(lambda: False, timedelta(milliseconds=30))
    assert (caught.value.code, caught.value.blame) == ("secrets_not_taken", Blame.PLATFORM)
    assert "xxxx" not in str(caught.value)


async def test_a_container_that_has_ended_is_not_waited_for(tmp_path: Path) -> None:
    pipe = SecretPipe(tmp_path, LARGE)
    await asyncio.to_thread(pipe.make, ITSELF)
    await pipe.hand_over(lambda: True)


async def test_who_leaves_in_the_middle_is_no_error(tmp_path: Path) -> None:
    """The container's end says what happened."""
    pipe = SecretPipe(tmp_path, LARGE)
    await asyncio.to_thread(pipe.make, ITSELF)

    def read_a_little() -> None:
        with (tmp_path / ".secrets").open("rb", buffering=0) as reader:
            reader.read(10)

    reading = asyncio.create_task(asyncio.to_thread(read_a_little))
    await pipe.hand_over(lambda: False)
    await reading


def test_the_pipe_is_the_containers_users_alone(tmp_path: Path) -> None:
    assert not is_waited_for(tmp_path)
    pipe = SecretPipe(tmp_path, LARGE)
    pipe.make(ITSELF)
    assert is_waited_for(tmp_path)
    assert stat.S_IMODE((tmp_path / ".secrets").stat().st_mode) == 0o600
    pipe.make(ITSELF)  # of an attempt that was never started: it is laid anew
    assert is_waited_for(tmp_path)


def test_another_user_than_ours_finds_it_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    SecretPipe(tmp_path, LARGE).make(Owner(1000, 1000))
    assert stat.S_IMODE((tmp_path / ".secrets").stat().st_mode) == 0o666
