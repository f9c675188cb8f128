"""What is known of webhook keys: how they are shown, and what a fitting one opens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from fastflow.domain.signatures import digest_of
from fastflow.store.tables import PipelineRow, WebhookKeyRow

_HINT_LENGTH: Final = 4
_LONG_ENOUGH_FOR_A_HINT: Final = 20
IN_MANIFEST: Final = "manifest"
"""What the ids of the manifest's keys begin with."""


class KeyOrigin(StrEnum):
    """Where a key was given."""

    MANIFEST = "manifest"
    API = "api"


@dataclass(frozen=True, slots=True)
class WebhookKey:
    """A key as it may be shown: never the key itself."""

    id: str
    origin: KeyOrigin
    run_config_id: str | None
    """The manifest's schedule whose settings its runs get."""
    hint: str
    """Its last characters; empty where it is too short to show any."""
    is_signed: bool
    """Whether every delivery must be signed."""
    created_at: datetime | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    is_expired: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A key that fits."""

    hint: str
    run_config_id: str | None
    key_id: str | None = None
    """Of one that was made over the API."""
    signing_secret: str | None = field(default=None, repr=False)
    """Ciphertext; every delivery must be signed with it."""
    expires_at: datetime | None = None


def candidates_of(row: PipelineRow | None, made: Sequence[WebhookKeyRow]) -> list[tuple[str, Opened]]:
    """Return the digests of all keys of a pipeline, with what each opens; the manifest's come first."""
    in_manifest = [(digest_of(key), Opened(hint_of(key), name)) for name, key in _manifest_keys(row)]
    return in_manifest + [
        (key.key_hash, Opened(key.hint, key.run_config_id, key.id, key.signing_secret, key.expires_at))
        for key in made
    ]


def _manifest_keys(row: PipelineRow | None) -> Iterator[tuple[str | None, str]]:
    """Yield the keys of the manifest; while it is invalid those of the last valid one stay right.

    So whoever has the key is told what is wrong with the pipeline, instead of that nothing is there.
    """
    manifest = (row.manifest if row.is_valid else row.valid_manifest) if row is not None else None
    if manifest is None:
        return
    # Not by way of `Manifest`: to build all of it would take longer the more there is.
    if isinstance(key := manifest.get("webhook_key"), str):
        yield None, key
    schedules = manifest.get("schedules")
    for schedule in schedules if isinstance(schedules, list) else []:
        if isinstance(schedule, dict) and isinstance(key := schedule.get("webhook_key"), str):
            yield str(schedule.get("id")), key


def entries_of(row: PipelineRow) -> Iterator[WebhookKey]:
    """Yield the keys in a pipeline's manifest."""
    for run_config_id, key in _manifest_keys(row):
        key_id = IN_MANIFEST if run_config_id is None else f"{IN_MANIFEST}:{run_config_id}"
        yield WebhookKey(key_id, KeyOrigin.MANIFEST, run_config_id, hint_of(key), is_signed=False)


def entry_of(row: WebhookKeyRow, now: datetime) -> WebhookKey:
    """Return a key that was made over the API."""
    return WebhookKey(
        row.id,
        KeyOrigin.API,
        row.run_config_id,
        row.hint,
        row.signing_secret is not None,
        row.created_at,
        row.expires_at,
        row.last_used_at,
        is_expired=row.expires_at is not None and row.expires_at <= now,
    )


def hint_of(key: str) -> str:
    """Return the key's last characters, to tell keys apart; nothing of one that is short."""
    return key[-_HINT_LENGTH:] if len(key) >= _LONG_ENOUGH_FOR_A_HINT else ""
