"""Makes identifiers: UUIDv7, so that ids sort by the time they were made (RFC 9562)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils import uuid7


def new_id() -> str:
    """Return a new identifier as 36 characters of text."""
    return str(uuid7())


def first_id_within(ago: timedelta) -> str:
    """Return what sorts before every identifier that was made within that time."""
    return first_id_since(datetime.now(UTC) - ago)


def first_id_since(moment: datetime) -> str:
    """Return what sorts before every identifier that was made at that moment or later."""
    return str(UUID(int=max(int(moment.timestamp() * 1000), 0) << 80))
