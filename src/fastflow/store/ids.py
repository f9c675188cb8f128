"""Makes identifiers: UUIDv7, so that ids sort by the time they were made (RFC 9562)."""

from uuid_utils import uuid7


def new_id() -> str:
    """Return a new identifier as 36 characters of text."""
    return str(uuid7())
