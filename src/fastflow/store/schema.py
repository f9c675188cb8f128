"""Says whether a database has the newest schema."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

_VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"


def newest_revision() -> str:
    """Return the newest migration's revision: its file is named after it. Empty where no files are seen."""
    return max((path.name for path in _VERSIONS.glob("[0-9]*.py")), default="").partition("_")[0]


def is_newest(connection: Connection) -> bool:
    """Whether no migration is lacking; looked up without Alembic, which costs a server 13 MB for good."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    applied = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return applied == [newest_revision()]
