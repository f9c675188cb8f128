"""What the audit log says of a change: closed words for what was done, and of values only harmless ones."""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:  # the console knows the words too, and starts without pydantic
    from pydantic import JsonValue

HIDDEN: Final = "•••"
"""Stands for a value that the log does not hold; that there is one, or another one, may be known."""

_LONGEST: Final = 200
_MOST: Final = 20
_LARGEST: Final = 4_000


class AuditAction(StrEnum):
    """What was done. The word before the dot is the kind of its target."""

    RUN_TRIGGERED = "run.triggered"
    """Somebody asked for it, accepted or not. Those of schedules and chains are in the ledger and in the
    causes of runs."""
    RUN_CANCELLED = "run.cancelled"
    RUN_RETRIED = "run.retried"
    """The target is the new run."""
    SCHEDULE_CREATED = "schedule.created"
    SCHEDULE_CHANGED = "schedule.changed"
    SCHEDULE_DELETED = "schedule.deleted"
    SCHEDULE_PAUSED = "schedule.paused"
    SCHEDULE_RESUMED = "schedule.resumed"
    REPOSITORY_CREATED = "repository.created"
    REPOSITORY_CHANGED = "repository.changed"
    REPOSITORY_DELETED = "repository.deleted"
    DEPLOY_KEY_RENEWED = "repository.deploy_key_renewed"
    HOST_KEYS_PINNED = "repository.host_keys_pinned"
    SYNC_REQUESTED = "repository.sync_requested"
    GITHUB_APP_CREATED = "github_app.created"
    GITHUB_APP_CHANGED = "github_app.changed"
    GITHUB_APP_DELETED = "github_app.deleted"
    WEBHOOK_KEY_CREATED = "webhook_key.created"
    WEBHOOK_KEY_CHANGED = "webhook_key.changed"
    WEBHOOK_KEY_REVOKED = "webhook_key.revoked"
    SECRET_CREATED = "secret.created"  # noqa: S105 - no secret, a word
    SECRET_CHANGED = "secret.changed"  # noqa: S105
    SECRET_DELETED = "secret.deleted"  # noqa: S105
    SECRET_USED = "secret.used"  # noqa: S105
    """A run received it; the target is the secret, `run_id` the run."""
    SECRETS_ROTATED = "secret.rotated"
    """What is stored encrypted was encrypted anew."""
    USER_CREATED = "user.created"
    USER_CHANGED = "user.changed"
    USER_REMOVED = "user.removed"
    PASSWORD_CHANGED = "user.password_changed"  # noqa: S105 - the word for it
    SIGNED_IN = "user.signed_in"
    CONSOLE_ALLOWED = "user.console_allowed"
    """At a browser somebody let a console act as them; its own sign-in follows."""
    SIGNED_OUT = "user.signed_out"
    REFRESH_TOKEN_REUSED = "user.refresh_token_reused"  # noqa: S105 - the word for it
    """The session was ended: somebody has a copy of one of its tokens."""
    IDENTITY_SEEN = "identity.seen"
    """Somebody whom a provider vouches for was here for the first time."""
    IDENTITY_LINKED = "identity.linked"
    """They are that user from now on."""
    IDENTITY_REFUSED = "identity.refused"
    IDENTITY_FORGOTTEN = "identity.forgotten"
    TOKEN_CREATED = "token.created"  # noqa: S105 - the word for it
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - the word for it
    SIGNING_KEY_ROTATED = "signing_key.rotated"
    ENVIRONMENTS_PRUNED = "environment.pruned"
    LOCK_UPGRADED = "environment.lock_upgraded"
    """A pipeline was locked to the newest packages; the target is the pipeline."""


SHOWN: Final = frozenset(
    {
        "api_url",
        "app_id",
        "authentication",
        "branch",
        "by",
        "catch_up",
        "catch_up_limit",
        "count",
        "cpu_hard_limit",
        "cpu_soft_limit",
        "delivery_id",
        "enabled",
        "expires_at",
        "former_keys",
        "github_app",
        "has_cleared_cache",
        "has_new_key",
        "hint",
        "host_keys",
        "id",
        "installation_id",
        "is_enabled",
        "is_signed",
        "issuer",
        "kind",
        "machine",
        "mem_hard_limit",
        "mem_soft_limit",
        "origin",
        "pause_reason",
        "paused_at",
        "paused_by",
        "pipelines",
        "public_key",
        "reason",
        "retry_attempts",
        "retry_of",
        "revision",
        "run_id",
        "role",
        "run_config_id",
        "run_once_at",
        "schedule_cron",
        "schedule_end",
        "schedule_interval_seconds",
        "schedule_start",
        "status",
        "subdir",
        "subject",
        "sync_id",
        "sync_interval_seconds",
        "timeout",
        "timezone",
        "trigger",
        "url",
        "user",
        "username",
        "way",
        "with_latest",
    }
)
"""The fields whose values the log may hold. Whoever records another one adds it here, or it is hidden."""

NAMES_ONLY: Final = frozenset({"default_env", "encrypted_env", "parameters", "retry_strategy", "variables"})
"""Objects of which the log holds the names and never the values."""

_CREDENTIALS: Final = re.compile(r"(?<=://)[^/?#\s]*@")
_WORD: Final = re.compile(r"\S+")
_UNSTORABLE: Final = re.compile(r"[\x00\ud800-\udfff]")

Facts: TypeAlias = "Mapping[str, JsonValue]"


def differences(before: "Facts | None", after: "Facts | None") -> "tuple[Facts | None, Facts | None]":
    """Return of both states only what differs; of a thing that was made or deleted, all there is."""
    if before is None or after is None:
        return before, after
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}


def harmless(facts: "Facts | None") -> "dict[str, JsonValue] | None":
    """Return what the log may hold of these facts: values of known fields, cut to size; the rest hidden."""
    if facts is None:
        return None
    told: dict[str, JsonValue] = {
        plain(name): _told(name, value) for name, value in facts.items() if value is not None
    }
    if len(json.dumps(told)) > _LARGEST:
        return dict.fromkeys(told, HIDDEN)
    return told


def plain(text: str, longest: int = _LONGEST) -> str:
    """Return text that every database can store, without the credentials of URLs, cut to size."""
    text = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    text = _WORD.sub(_without_query, _CREDENTIALS.sub("", text))
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _without_query(word: re.Match[str]) -> str:
    # By hand, in one go: an expression that looks for :// and then for ? starts anew at each ://.
    before, mark, address = word[0].partition("://")
    place = next((index for index, letter in enumerate(address) if letter in "?#"), None)
    return word[0] if place is None else f"{before}{mark}{address[:place]}?{HIDDEN}"


def _told(name: str, value: "JsonValue") -> "JsonValue":
    if name in NAMES_ONLY and isinstance(value, dict):
        return [plain(key, 64) for key in sorted(value)[:_MOST]]
    if name not in SHOWN or isinstance(value, dict):
        return HIDDEN
    if isinstance(value, list):
        return [_scalar(one) for one in value[:_MOST]]
    return _scalar(value)


def _scalar(value: "JsonValue") -> "JsonValue":
    if isinstance(value, str):
        return plain(value)
    return value if value is None or isinstance(value, int | float) else HIDDEN
