"""The audit log on the wire, and as files."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from fastflow.domain.actor import ActorKind
from fastflow.domain.audit import AuditAction
from fastflow.services.audit_log import Verification
from fastflow.store.tables import AuditRow


class AuditEntry(BaseModel):
    """One thing that was done."""

    model_config = ConfigDict(from_attributes=True)

    sequence: int = Field(description="Numbers the rows without gaps.")
    at: datetime
    actor_kind: ActorKind
    actor_name: str
    actor_id: str | None = Field(description="Of the user or the token.")
    address: str | None = Field(description="The network address that the request came from.")
    action: AuditAction = Field(description="What was done; the word before the dot is the target's kind.")
    target: str = Field(description="The name or the id of what it was done to.")
    pipeline_name: str | None = Field(description="The pipeline that the target belongs to.")
    before: dict[str, JsonValue] | None = Field(
        description="The fields that changed, as they were; null: it did not exist. Secret values are •••."
    )
    after: dict[str, JsonValue] | None = Field(description="As they became; null: it was deleted.")
    digest: str = Field(description="SHA-256 over the digest before it and this row.")


class AuditPage(BaseModel):
    """A page of the audit log, newest first."""

    entries: list[AuditEntry]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null at the end.")

    @classmethod
    def of(cls, rows: Iterable[AuditRow], cursor: int | None) -> Self:
        """Put a page together."""
        entries = [AuditEntry.model_validate(row) for row in rows]
        return cls(entries=entries, next_cursor=None if cursor is None else str(cursor))


class AuditVerification(BaseModel):
    """What came of going through the whole audit log."""

    is_intact: bool
    problem: str | None = Field(description="One sentence: what is wrong first.")
    rows: int = Field(description="How many are as they were written, from the first on.")
    first_sequence: int | None = Field(description="Rows before it were deleted when they were too old.")
    last_sequence: int = Field(description="Write it down elsewhere, with the digest: a later look can ask.")
    last_digest: str

    @classmethod
    def of(cls, verification: Verification) -> Self:
        """Put it together."""
        return cls(
            is_intact=verification.problem is None,
            problem=verification.problem,
            rows=verification.rows,
            first_sequence=verification.first_sequence,
            last_sequence=verification.seal.sequence,
            last_digest=verification.seal.digest,
        )


_COLUMNS: Final = tuple(AuditEntry.model_fields)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet would compute (OWASP, CSV injection)."""


def csv_head() -> str:
    """Return the line that names the columns."""
    return _csv([_COLUMNS])


def csv_lines(rows: Iterable[AuditRow]) -> str:
    """Return rows as CSV that no spreadsheet takes for formulas."""
    return _csv([_cell(value) for value in _plain(row).values()] for row in rows)


def ndjson_lines(rows: Iterable[AuditRow]) -> str:
    """Return rows as JSON, one a line."""
    return "".join(json.dumps(_plain(row), ensure_ascii=False) + "\n" for row in rows)


def _plain(row: AuditRow) -> dict[str, JsonValue]:
    return AuditEntry.model_validate(row).model_dump(mode="json")


def _csv(lines: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue()


def _cell(value: JsonValue) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
