"""The schema's history, and bringing a database up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def config() -> Config:
    """Return Alembic's configuration for the scripts that ship in this package."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    return settings


def upgrade(connection: Connection) -> None:
    """Apply every migration that this database lacks, all in one transaction."""
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")
