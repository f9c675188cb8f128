"""Access tokens are read under every key there is, signed with the newest, and under no weak one."""

import asyncio
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fastflow.adapters.crypto.access_tokens import JwtAccessTokens
from fastflow.domain.account_ports import AccessClaims
from fastflow.domain.errors import Conflict, Invalid, Unauthenticated, Unavailable

NOW = datetime(2030, 1, 1, tzinfo=UTC)
CLAIMS = AccessClaims("user", "session", NOW + timedelta(minutes=10))
OLD, NEW = "o" * 32, "n" * 32


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "signing"
    file.write_text(f"{OLD}\n")
    return file


def opened(key_file: Path, setting: str = "") -> JwtAccessTokens:
    return JwtAccessTokens.open(setting, key_file, "here")


def refused(tokens: JwtAccessTokens, token: str) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        tokens.read(token, NOW)
    return refusal.value.code


def test_a_token_says_what_it_was_made_for_until_the_second_it_expires(key_file: Path) -> None:
    tokens = opened(key_file)
    token = tokens.issue(CLAIMS, NOW)
    assert tokens.read(token, CLAIMS.expires_at - timedelta(seconds=1)) == CLAIMS
    with pytest.raises(Unauthenticated) as refusal:
        tokens.read(token, CLAIMS.expires_at)
    assert refusal.value.code == "access_token_expired"


async def test_after_a_rotation_old_tokens_hold_and_after_the_next_no_more(key_file: Path) -> None:
    tokens = await asyncio.to_thread(opened, key_file)
    first = tokens.issue(CLAIMS, NOW)
    key_id = await tokens.rotate()
    second = tokens.issue(CLAIMS, NOW)
    assert (tokens.read(first, NOW), tokens.read(second, NOW)) == (CLAIMS, CLAIMS)
    assert refused(JwtAccessTokens([OLD], "here"), second) == "credential_invalid"
    assert await tokens.rotate() != key_id
    assert tokens.read(second, NOW) == CLAIMS
    assert refused(tokens, first) == "credential_invalid"


async def test_a_rotation_is_there_after_a_restart_and_readable_for_nobody_else(key_file: Path) -> None:
    tokens = await asyncio.to_thread(opened, key_file)
    before = tokens.issue(CLAIMS, NOW)
    await tokens.rotate()
    after = tokens.issue(CLAIMS, NOW)
    restarted = await asyncio.to_thread(opened, key_file)
    assert (restarted.read(before, NOW), restarted.read(after, NOW)) == (CLAIMS, CLAIMS)
    stored = await asyncio.to_thread(key_file.stat)
    assert stat.S_IMODE(stored.st_mode) == 0o600
    assert await asyncio.to_thread(os.listdir, key_file.parent) == [key_file.name]


async def test_a_rotation_that_can_not_be_written_changes_nothing(key_file: Path) -> None:
    tokens = await asyncio.to_thread(opened, key_file)
    token = tokens.issue(CLAIMS, NOW)
    await asyncio.to_thread((key_file.parent / "signing.new").mkdir)
    with pytest.raises(Unavailable) as refusal:
        await tokens.rotate()
    assert refusal.value.code == "signing_key_unwritable"
    assert await asyncio.to_thread(key_file.read_text) == f"{OLD}\n"
    assert tokens.issue(CLAIMS, NOW) == token


async def test_keys_of_the_settings_are_rotated_there(key_file: Path) -> None:
    old = opened(key_file, OLD).issue(CLAIMS, NOW)
    both = opened(key_file, f" {NEW} , {OLD},")
    assert both.read(old, NOW) == CLAIMS
    assert refused(opened(key_file, OLD), both.issue(CLAIMS, NOW)) == "credential_invalid"
    with pytest.raises(Conflict) as refusal:
        await both.rotate()
    assert refusal.value.code == "signing_key_in_settings"


@pytest.mark.parametrize("setting", ["s" * 31, f"{NEW},short"])
def test_a_short_key_is_refused_and_not_repeated(key_file: Path, setting: str) -> None:
    with pytest.raises(Invalid) as refusal:
        opened(key_file, setting)
    assert refusal.value.code == "signing_key_short"
    assert setting not in str(refusal.value)
    assert "short'" not in str(refusal.value)


@pytest.mark.parametrize("content", [None, b"", b" \n\n", b"\xff\xfe"])
def test_a_key_file_that_can_not_be_read_says_what_to_do(key_file: Path, content: bytes | None) -> None:
    key_file.unlink()
    if content is not None:
        key_file.write_bytes(content)
    with pytest.raises(Unavailable, match="JWT_SECRET_KEY") as refusal:
        opened(key_file)
    assert refusal.value.code == "signing_key_unreadable"
