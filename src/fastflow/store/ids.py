"""Makes identifiers: UUIDv7, so that ids sort by the time they were made (RFC 9562)."""

import time
from datetime import timedelta
from uuid import UUID

from uuid_utils import uuid7


def new_id() -> str:
    """Return a new identifier as 36 characters of text."""
    return str(uuid7())


def first_id_within(ago: timedelta) -> str:
    """Return what sorts before every identifier that was made within that time."""
    milliseconds = time.time_ns() // 1_000_000 - int(ago.total_seconds() * 1000)
    return str(UUID(int=milliseconds << 80))
