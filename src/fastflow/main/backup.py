"""Makes a backup of an installation, reads one, and restores one on a fresh machine."""

import asyncio
import os
import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from fastflow.adapters.backup.archive import (
    Contents,
    Given,
    Kept,
    Report,
    put_in_place,
    read_archive,
    throw_away,
    write_archive,
)
from fastflow.adapters.backup.sealing import make_key, opened, sealed
from fastflow.domain.errors import Conflict, Invalid, NotFound, Unavailable
from fastflow.settings import Settings
from fastflow.store.database import Database
from fastflow.store.schema import newest_revision

__all__ = ["Contents", "back_up", "make_backup_key", "restore", "verify_backup"]

DATABASE: Final = "fastflow.db"
_FOLDERS: Final = ("keys", "checkouts", "logs")
"""Beside the database. Everything else is made anew: mirrors of repositories, environments, attempts."""
_FILES: Final = ("installation-id",)
_COPY: Final = ".backup-"
"""What the folder of the database's copy begins with, while a backup is made."""
_ABANDONED_AFTER_SECONDS: Final = 24 * 3600


def make_backup_key(path: Path) -> str:
    """Write a new key to a file that only its owner can read; return the recipient. Blocks.

    Raises:
        Conflict: `file_exists`. Unavailable: `file_unusable`.
    """
    secret, recipient = make_key()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Conflict("file_exists", f"{path} is there already; a key is never overwritten.") from error
    except OSError as error:
        raise Unavailable("file_unusable", f"{path} can't be written: {error.strerror}.") from error
    with os.fdopen(descriptor, "w") as file:
        file.write(f"# Opens the backups of Fast-Flow made for {recipient}\n{secret}\n")
    return recipient


async def back_up(settings: Settings, to: Path, recipients: Sequence[str], report: Report) -> Contents:
    """Write a backup of what there is now, while a server runs or not; return what it holds.

    It appears under its name when it is whole.

    Raises:
        NotFound: `installation_missing`. Conflict: `file_exists`, `schema_differs`.
        Invalid: `recipient_invalid`. Unavailable: `file_unusable`, or the database can't be read.
    """
    data = settings.data_dir.absolute()
    if not await asyncio.to_thread((data / _FILES[0]).exists):
        raise NotFound(
            "installation_missing", f"There is nothing to back up in {data}. Name the folder: --data-dir."
        )
    if await asyncio.to_thread(to.exists):
        raise Conflict("file_exists", f"{to} is there already; a backup is never overwritten.")
    await asyncio.to_thread(_clear, data)
    with tempfile.TemporaryDirectory(prefix=_COPY, dir=data) as folder:
        rows = await _copied(settings.resolved_database_url, f"sqlite:///{folder}/{DATABASE}")
        copied = Given(DATABASE, Path(folder, DATABASE))

        def describe(files: Mapping[str, Kept]) -> Contents:
            return Contents(
                version=version("fastflow-orchestrator"),
                schema_revision=newest_revision(),
                installation=(data / _FILES[0]).read_text().strip(),
                made_at=datetime.now(UTC),
                rows=rows,
                files=files,
            )

        def write() -> Contents:
            draft = to.with_name(f"{to.name}.part")
            try:
                with draft.open("xb") as file:
                    os.fchmod(file.fileno(), 0o600)
                    with sealed(file, recipients) as stream:
                        contents = write_archive(stream, _everything(data, copied), describe, report)
                    file.flush()
                    os.fsync(file.fileno())
                draft.rename(to)
            except FileExistsError as error:
                raise Conflict("file_exists", f"{draft} is there: another backup is being made.") from error
            except OSError as error:
                draft.unlink(missing_ok=True)
                raise Unavailable("file_unusable", f"{to} can't be written: {error.strerror}.") from error
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
            return contents

        return await asyncio.to_thread(write)


def _clear(data: Path) -> None:
    """Remove what backups left that were killed in the middle."""
    for left in data.glob(f"{_COPY}*"):
        if time.time() - left.stat().st_mtime > _ABANDONED_AFTER_SECONDS:
            throw_away(left)


def verify_backup(backup: Path, key_file: Path, report: Report) -> Contents:
    """Read all of a backup and compare it with what it says of itself; return that. Blocks.

    Raises:
        NotFound: `file_missing`. Invalid: `backup_key_invalid`, `backup_not_readable`, `backup_damaged`.
    """
    return _read(backup, key_file, None, report)


async def restore(settings: Settings, backup: Path, key_file: Path, report: Report) -> Contents:
    """Make the data directory of the settings from a backup; it is there when all of it is right.

    Where the settings name another database than the one in the data directory, that is filled as well.

    Raises:
        Conflict: `data_dir_in_use`, `database_not_empty`; as `verify_backup` otherwise.
    """
    data = settings.data_dir.absolute()
    if await asyncio.to_thread(lambda: data.exists() and any(data.iterdir())):
        raise Conflict(
            "data_dir_in_use",
            f"{data} is not empty. Restore into a folder that is not there yet; nothing is ever overwritten.",
        )
    # Within it where it is there: it may be a mount, which nothing can take the place of.
    place = data if await asyncio.to_thread(data.exists) else data.parent
    made = place / f".restoring-{secrets.token_hex(4)}"
    try:
        await asyncio.to_thread(made.mkdir, mode=0o700, parents=True)
        contents = await asyncio.to_thread(_read, backup, key_file, made, report)
        if settings.database_url:
            await _copied(f"sqlite:///{made}/{DATABASE}", settings.resolved_database_url)
            await asyncio.to_thread((made / DATABASE).unlink)
        await asyncio.to_thread(put_in_place, made, data)
    except OSError as error:
        raise Unavailable("data_dir_unusable", f"{data} can't be made: {error.strerror}.") from error
    finally:
        await asyncio.to_thread(throw_away, made)
    return contents


async def _copied(url: str, to: str) -> Mapping[str, int]:
    source, target = Database(url), Database(to)
    try:
        await target.migrate()
        return await source.copy_into(target, lambda table, count: None)
    finally:
        await source.close()
        await target.close()


def _everything(data: Path, database: Given) -> Iterator[Given]:
    yield database
    for name in _FILES:
        yield Given(name, data / name)
    for name in _FOLDERS:
        # An index comes before its log: it may know less of it, and never more.
        for folder, folders, files in os.walk(data / name):
            yield Given(str(Path(folder).relative_to(data)), Path(folder))
            folders.sort()
            links = [name for name in folders if Path(folder, name).is_symlink()]
            for file in sorted([*files, *links]):
                path = Path(folder, file)
                yield Given(str(path.relative_to(data)), path)


def _read(backup: Path, key_file: Path, into: Path | None, report: Report) -> Contents:
    try:
        key = key_file.read_text(errors="replace")
        with backup.open("rb") as file, opened(file, key) as stream:
            contents = read_archive(stream, into, report)
    except FileNotFoundError as error:
        raise NotFound("file_missing", f"There is no file {error.filename}.") from error
    except OSError as error:
        raise Unavailable("file_unusable", f"{error.filename} can't be read: {error.strerror}.") from error
    if contents.schema_revision > newest_revision():
        raise Invalid(
            "backup_newer",
            f"The backup was made by Fast-Flow {contents.version}, whose database this one does not know. "
            "Restore it with that version or a newer one.",
        )
    return contents
