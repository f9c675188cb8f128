"""Column types that both databases understand the same way."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator

Json = JSON(none_as_null=True)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite has no time zones of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments; store UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone can't be stored: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Return the moment aware again."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[StrEnum]):
    """A member of an enum, stored as its word."""

    impl = String(32)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        """Refuse words that the enum does not have."""
        del dialect
        return None if value is None else self.words(value).value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> StrEnum | None:
        """Return the member again."""
        del dialect
        return None if value is None else self.words(value)


class Ciphertext(TypeDecorator[str]):
    """What `Cipher.encrypt` returned. A new key reaches every column of this type (`store.ciphertexts`)."""

    impl = String
    cache_ok = True


class JsonWithCiphertexts(TypeDecorator[Any]):
    """JSON of which some texts are ciphertexts."""

    impl = JSON(none_as_null=True)
    cache_ok = True


Id = String(36)
Name = String(64)
SecretName = String(255)


def table_name(name: str) -> Any:
    """Return the name; typed so that it fits SQLModel's `declared_attr` annotation."""
    return name
