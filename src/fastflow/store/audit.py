"""The audit log: written in the transaction of the change it reports, and only ever added to."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import JsonValue
from sqlalchemy import insert, text
from sqlmodel import Session, col, select

from fastflow.domain.actor import SYSTEM, Actor
from fastflow.domain.audit import AuditAction, differences, harmless, plain
from fastflow.store.tables import AuditHorizonRow, AuditRow

_PENDING: Final = "audit"
_ACTOR: Final = "actor"
_LOCK: Final = text("SELECT pg_advisory_xact_lock(7107213)")
# Made once: to make and to name a statement takes longer than to execute these.
_NEWEST: Final = select(AuditRow.sequence, AuditRow.digest).order_by(col(AuditRow.sequence).desc()).limit(1)
_HORIZON: Final = select(AuditHorizonRow.sequence, AuditHorizonRow.digest)
_INSERT: Final = insert(AuditRow)
_DIGESTED: Final = (
    "sequence",
    "at",
    "actor_kind",
    "actor_name",
    "actor_id",
    "address",
    "action",
    "target",
    "pipeline_name",
    "before",
    "after",
)


def record(
    session: Session,
    action: AuditAction,
    target: str,
    at: datetime,
    *,
    pipeline_name: str | None = None,
    before: Mapping[str, JsonValue] | None = None,
    after: Mapping[str, JsonValue] | None = None,
) -> None:
    """Note in the audit log who did what to which target; stored with the change, or not at all.

    Who did it is known from the caller of `Database.write`. Give the fields before and after: only those
    that differ are kept, and of values only those of the fields in `domain.audit.SHOWN`; so handing in a
    secret shows that it changed and nothing of it. Where both states are the same, nothing is noted.
    """
    before, after = differences(before, after)
    if before == after == {}:
        return
    actor: Actor = session.info.get(_ACTOR, SYSTEM)
    session.info.setdefault(_PENDING, []).append(
        {
            "at": at,
            "actor_kind": actor.kind,
            "actor_name": plain(actor.name),
            "actor_id": actor.id,
            "address": None if actor.address is None else plain(actor.address, 64),
            "action": action,
            "target": plain(target),
            "pipeline_name": pipeline_name,
            "before": harmless(before),
            "after": harmless(after),
        }
    )


def acts_by(session: Session, actor: Actor) -> None:
    """Say who does what this transaction does."""
    session.info[_ACTOR] = actor


def write_recorded(session: Session) -> None:
    """Write what was recorded, as the last of the transaction: from here to its end others have to wait."""
    pending: list[dict[str, Any]] = session.info.pop(_PENDING, [])
    if not pending:
        return
    session.flush()
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)  # several servers may write; SQLite has one writer anyway
    last = connection.execute(_NEWEST).first() or connection.execute(_HORIZON).one()
    sequence, digest = last.sequence, last.digest
    for row in pending:
        sequence += 1
        row["sequence"] = sequence
        row["digest"] = digest = digest_of(digest, row)
    connection.execute(_INSERT, pending)


def digest_of(previous: str, row: Mapping[str, Any]) -> str:
    """Return the digest of a row that follows the row of that digest."""
    told = {name: row[name] for name in _DIGESTED}
    told["at"] = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    content = json.dumps([previous, told], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()
