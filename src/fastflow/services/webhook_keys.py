"""The keys that open pipelines' webhooks: those in manifests, and those made over the API."""

import base64
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue
from sqlmodel import Session

from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Conflict, Invalid, NotFound
from fastflow.domain.manifest import Manifest
from fastflow.domain.names import is_pipeline_name
from fastflow.domain.ports import Clock
from fastflow.domain.repository_ports import Cipher
from fastflow.domain.signatures import STANDARD_PREFIX, digest_of, position_of
from fastflow.services.webhook_key_entries import (
    IN_MANIFEST,
    Opened,
    WebhookKey,
    candidates_of,
    entries_of,
    entry_of,
    hint_of,
)
from fastflow.store import audit, pipelines, webhook_keys
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.tables import PipelineRow, WebhookKeyRow

MOST_PER_PIPELINE: Final = 20
_ID: Final = re.compile(r"[0-9a-f-]{36}")
_NO_PIPELINE: Final = "-"
"""Looked up instead of a name that none can have, so that this takes as long."""


@dataclass(frozen=True, slots=True)
class NewWebhookKey:
    """A key that was just made. Nothing of this can be shown again."""

    entry: WebhookKey
    key: str = field(repr=False)
    signing_secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lookup:
    """What came of trying a key."""

    has_pipeline: bool
    """For the log only: an outsider must not learn it."""
    opened: Opened | None


class WebhookKeys:
    """Makes, shows, ends and tries keys."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock

    async def look_up(self, pipeline_name: str, given: str) -> Lookup:
        """Try a key. The same is read and compared whether there is such a pipeline and key or not."""
        name = pipeline_name if is_pipeline_name(pipeline_name) else _NO_PIPELINE

        def work(session: Session) -> Lookup:
            row = pipelines.get(session, name)
            made = webhook_keys.of_pipeline(session, name)
            candidates = candidates_of(row, made)
            position = position_of(given, [digest for digest, _ in candidates])
            return Lookup(row is not None, None if position is None else candidates[position][1])

        return await self._database.read(work)

    async def of_pipeline(self, pipeline_name: str) -> list[WebhookKey]:
        """List the keys that open a pipeline's webhook, those of its manifest first.

        Raises:
            NotFound: `pipeline_not_found`.
        """
        now = self._clock.now()

        def work(session: Session) -> list[WebhookKey]:
            row = _existing(session, pipeline_name)
            made = webhook_keys.of_pipeline(session, pipeline_name)
            return [*entries_of(row), *(entry_of(key, now) for key in made)]

        return await self._database.read(work)

    async def create(
        self,
        pipeline_name: str,
        *,
        run_config_id: str | None = None,
        expires_in: timedelta | None = None,
        is_signed: bool = False,
    ) -> NewWebhookKey:
        """Make a key beside those there are; `is_signed`: with a secret that deliveries are signed with.

        Raises:
            NotFound: `pipeline_not_found`.
            Invalid: `run_config_not_found`.
            Conflict: `too_many_keys`.
        """
        key = secrets.token_urlsafe(32)
        secret = STANDARD_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode() if is_signed else None
        now = self._clock.now()
        row = WebhookKeyRow(
            id=new_id(),
            pipeline_name=pipeline_name,
            run_config_id=run_config_id,
            key_hash=digest_of(key),
            hint=hint_of(key),
            signing_secret=self._cipher.encrypt(secret) if secret is not None else None,
            created_at=now,
            expires_at=now + expires_in if expires_in is not None else None,
        )

        def work(session: Session) -> WebhookKey:
            _check_run_config(_existing(session, pipeline_name), run_config_id)
            _check_number(session, pipeline_name)
            webhook_keys.add(session, row)
            _record(session, AuditAction.WEBHOOK_KEY_CREATED, row, now, after=_facts_of(row))
            return entry_of(row, now)

        return NewWebhookKey(await self._database.write(work), key, secret)

    async def set_expiry(self, pipeline_name: str, key_id: str, expires_in: timedelta | None) -> WebhookKey:
        """Let a key end in that time from now, or never. A new key and an old one that ends: a rotation.

        Raises:
            NotFound: `pipeline_not_found`, `webhook_key_not_found`.
            Conflict: `webhook_key_in_manifest`.
        """
        now = self._clock.now()

        def work(session: Session) -> WebhookKey:
            row = _existing_key(session, pipeline_name, key_id)
            before = _facts_of(row)
            row.expires_at = now + expires_in if expires_in is not None else None
            _record(session, AuditAction.WEBHOOK_KEY_CHANGED, row, now, before=before, after=_facts_of(row))
            return entry_of(row, now)

        return await self._database.write(work)

    async def revoke(self, pipeline_name: str, key_id: str) -> WebhookKey:
        """Let a key open nothing from now on; return what it was. Raises: as `set_expiry`."""
        now = self._clock.now()

        def work(session: Session) -> WebhookKey:
            row = _existing_key(session, pipeline_name, key_id)
            webhook_keys.remove(session, row)
            _record(session, AuditAction.WEBHOOK_KEY_REVOKED, row, now, before=_facts_of(row))
            return entry_of(row, now)

        return await self._database.write(work)


def _existing(session: Session, pipeline_name: str) -> PipelineRow:
    row = pipelines.get(session, pipeline_name) if is_pipeline_name(pipeline_name) else None
    if row is None:
        raise NotFound(
            "pipeline_not_found",
            f"There is no pipeline {pipeline_name[:80]!r}. `fastflow pipelines` lists those there are.",
            {"pipeline_name": pipeline_name[:80]},
        )
    return row


def _existing_key(session: Session, pipeline_name: str, key_id: str) -> WebhookKeyRow:
    _existing(session, pipeline_name)
    if key_id.partition(":")[0] == IN_MANIFEST:
        raise Conflict(
            "webhook_key_in_manifest",
            f"Key {key_id[:80]} is the `webhook_key` of the manifest; change or remove it there.",
            {"id": key_id[:80]},
        )
    row = webhook_keys.get(session, pipeline_name, key_id) if _ID.fullmatch(key_id) else None
    if row is None:
        raise NotFound(
            "webhook_key_not_found",
            f"Pipeline {pipeline_name} has no webhook key {key_id[:80]!r}.",
            {"pipeline_name": pipeline_name, "id": key_id[:80]},
        )
    return row


def _check_run_config(row: PipelineRow, run_config_id: str | None) -> None:
    if run_config_id is None:
        return
    manifest = Manifest.model_validate(row.manifest or row.valid_manifest or {})
    if run_config_id not in {schedule.id for schedule in manifest.schedules}:
        problem = f"{run_config_id[:80]!r} is the `id` of no schedule in the manifest of {row.name}"
        raise Invalid("run_config_not_found", f"run_config_id: {problem}.", {"run_config_id": problem})


def _check_number(session: Session, pipeline_name: str) -> None:
    if len(webhook_keys.of_pipeline(session, pipeline_name)) >= MOST_PER_PIPELINE:
        raise Conflict(
            "too_many_keys",
            f"Pipeline {pipeline_name} has {MOST_PER_PIPELINE} keys, the most there may be; revoke one.",
            {"pipeline_name": pipeline_name},
        )


def _facts_of(row: WebhookKeyRow) -> dict[str, JsonValue]:
    return {
        "hint": row.hint,
        "run_config_id": row.run_config_id,
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
        "is_signed": row.signing_secret is not None,
    }


def _record(
    session: Session,
    action: AuditAction,
    row: WebhookKeyRow,
    at: datetime,
    *,
    before: dict[str, JsonValue] | None = None,
    after: dict[str, JsonValue] | None = None,
) -> None:
    audit.record(session, action, row.id, at, pipeline_name=row.pipeline_name, before=before, after=after)
