"""Looks at the encryption key: whether it is there, where it is, and whether it opens what is stored."""

import asyncio
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fastflow.adapters.crypto.fernet import FernetCipher
from fastflow.domain.errors import FastFlowError
from fastflow.domain.finding import Finding, Verdict
from fastflow.services.clock import SystemClock
from fastflow.services.rotation import KeyRotation
from fastflow.settings import Settings
from fastflow.store.database import Database
from fastflow.store.schema import is_newest

_NAME: Final = "encryption key"
_LIMIT_SECONDS: Final = 10
_RIGHT_KEY: Final = (
    "Put the former key back (DATA_DIR/keys/encryption, or ENCRYPTION_KEY, which takes several separated by "
    "commas), or store the values again."
)


async def examine_key(settings: Settings) -> list[Finding]:
    """Try the key on what is stored; changes nothing, and makes no key where there is none yet."""
    file = settings.data_dir.absolute() / "keys" / "encryption"
    setting = settings.encryption_key.get_secret_value()
    is_fresh = not await asyncio.to_thread((settings.data_dir / "installation-id").exists)
    if is_fresh and not setting.strip():
        return [Finding(_NAME, Verdict.OK, f"There is none yet; the first start makes it at {file}.")]
    try:
        cipher = await asyncio.to_thread(FernetCipher.open, setting, file)
    except FastFlowError as error:
        return [Finding(_NAME, Verdict.FAIL, error.message, _RIGHT_KEY)]
    origin = f"It is in {file}" if cipher.has_own_file else "It is the setting ENCRYPTION_KEY"
    kept = f"{origin}: keep a copy of it apart from that of the database; without it, secrets are lost."
    if is_fresh or not await asyncio.to_thread(_is_there, settings):
        return [Finding(_NAME, Verdict.OK, f"Nothing is stored yet. {kept}")]
    return [await _tried(settings, cipher, kept)]


async def _tried(settings: Settings, cipher: FernetCipher, kept: str) -> Finding:
    database = Database(settings.resolved_database_url)
    try:
        async with asyncio.timeout(_LIMIT_SECONDS):
            if not await database.read(lambda session: is_newest(session.connection())):
                message = "Not tried on what is stored: the database is another version's."
                return Finding(_NAME, Verdict.WARN, message, "The next start brings it up to date.")
            unreadable = await KeyRotation(database, cipher, SystemClock()).unreadable()
    except (FastFlowError, TimeoutError) as error:
        message = f"It can't be tried on what is stored: {error or 'the database does not answer'}"
        return Finding(_NAME, Verdict.WARN, message, "Look at DATABASE_URL, and start the server once.")
    finally:
        await database.close()
    if unreadable:
        return Finding(_NAME, Verdict.FAIL, f"It does not open {unreadable[0]}, among others.", _RIGHT_KEY)
    return Finding(_NAME, Verdict.OK, f"It opens what is stored. {kept}")


def _is_there(settings: Settings) -> bool:
    url = settings.resolved_database_url
    return not url.startswith("sqlite:") or Path(urlsplit(url).path.removeprefix("/")).exists()
