"""Moves an installation to another database, with everything that the server keeps in its own."""

import asyncio
from collections.abc import Mapping

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from fastflow.adapters.files.installation import open_installation
from fastflow.domain.errors import Invalid, NotFound
from fastflow.settings import Settings
from fastflow.store.copying import Report
from fastflow.store.database import Database


async def copy_database(settings: Settings, to: str, report: Report) -> Mapping[str, int]:
    """Copy what the settings' database has into the one at `to`; return the rows of each table.

    Raises:
        Invalid: `database_url_invalid`. NotFound: `database_missing`.
        Conflict: `data_dir_in_use`, `schema_differs`, `database_not_empty`.
        Unavailable: a database can't be reached, or `copy_incomplete`.
    """
    url = settings.resolved_database_url
    _check(url, to)
    missing = url.removeprefix("sqlite:///")
    if url.startswith("sqlite") and not await asyncio.to_thread(_is_there, missing):
        raise NotFound(
            "database_missing",
            f"There is no database at {missing}. Name the folder of the server: --data-dir.",
        )
    with open_installation(settings.data_dir.absolute()).lock:
        source, target = Database(url), Database(to)
        try:
            await target.migrate()
            return await source.copy_into(target, report)
        finally:
            await source.close()
            await target.close()


def _check(url: str, to: str) -> None:
    try:
        parsed = make_url(to)
    except ArgumentError as error:
        raise Invalid("database_url_invalid", _ADVICE, {"to": to[:80]}) from error
    if parsed.get_backend_name() not in ("postgresql", "postgres", "sqlite"):
        raise Invalid("database_url_invalid", _ADVICE, {"to": parsed.render_as_string()[:80]})
    if to == url:
        raise Invalid("database_url_invalid", "--to names the database that is to be copied.")


def _is_there(path: str) -> bool:
    from pathlib import Path

    return Path(path).is_file()


_ADVICE = "--to is no address of a database: write postgresql://user:password@host/name or sqlite:////path."
