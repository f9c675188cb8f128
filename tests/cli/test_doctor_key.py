"""What the doctor says of the encryption key, and of what is stored with it."""

import asyncio
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from fastflow.adapters.crypto.fernet import FernetCipher
from fastflow.adapters.files.installation import open_installation
from fastflow.domain.finding import Finding, Verdict
from fastflow.main.doctor_key import examine_key
from fastflow.services.clock import SystemClock
from fastflow.services.secrets import Secrets
from fastflow.settings import Settings
from fastflow.store.database import Database


async def look(data: Path, key: str = "") -> Finding:
    (finding,) = await examine_key(Settings.model_validate({"data_dir": data, "encryption_key": key}))
    return finding


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """An installation with a secret, encrypted with its own key."""
    data = tmp_path / "data"
    (await asyncio.to_thread(open_installation, data)).lock.close()
    database = Database(f"sqlite:///{data / 'fastflow.db'}")
    await database.migrate()
    cipher = await asyncio.to_thread(FernetCipher.open, "", data / "keys" / "encryption")
    await Secrets(database, cipher, SystemClock()).put("API_KEY", "very secret")
    await database.close()
    return data


async def test_where_nothing_was_started_yet_nothing_is_made(tmp_path: Path) -> None:
    found = await look(tmp_path / "data")
    assert (found.verdict, "first start" in found.message) == (Verdict.OK, True)
    assert not (tmp_path / "data").exists()


async def test_a_key_that_fits_is_named_with_a_word_on_copies(data: Path) -> None:
    found = await look(data)
    assert found.verdict is Verdict.OK
    assert f"It opens what is stored. It is in {data / 'keys' / 'encryption'}" in found.message
    assert "keep a copy" in found.message
    own = (data / "keys" / "encryption").read_text().strip()
    assert "It is the setting ENCRYPTION_KEY" in (await look(data, own)).message


async def test_another_key_fails_with_what_it_does_not_open(data: Path) -> None:
    found = await look(data, Fernet.generate_key().decode())
    assert found.verdict is Verdict.FAIL
    assert "API_KEY" in found.message
    assert "former key" in found.remedy


@pytest.mark.parametrize("content", [None, "", "no key"])
async def test_a_key_that_is_gone_or_broken_fails(data: Path, content: str | None) -> None:
    file = data / "keys" / "encryption"
    file.unlink()
    if content is not None:
        file.write_text(content)
    found = await look(data)
    assert (found.verdict, "former key" in found.remedy) == (Verdict.FAIL, True)
