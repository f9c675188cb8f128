"""Wires the doors through which other systems start runs and syncs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from fastflow.domain.ports import Clock
from fastflow.domain.repository import SyncTrigger
from fastflow.domain.repository_ports import Cipher
from fastflow.services.deliveries import Deliveries
from fastflow.services.push_targets import PushTargets
from fastflow.services.push_webhooks import PushWebhooks
from fastflow.services.runs import Runs
from fastflow.services.sync import Sync
from fastflow.services.webhook_keys import WebhookKeys
from fastflow.services.webhooks import Webhooks
from fastflow.services.wrong_keys import WrongKeys
from fastflow.store.database import Database


@dataclass(frozen=True, slots=True)
class TriggerParts:
    """Webhooks and push webhooks, their keys and their log."""

    webhooks: Webhooks
    webhook_keys: WebhookKeys
    push_webhooks: PushWebhooks
    deliveries: Deliveries

    @property
    def loops(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What runs until the server ends, by name."""
        return {"deliveries": self.deliveries.run}


def wire_triggers(
    database: Database,
    clock: Clock,
    cipher: Cipher,
    runs: Runs,
    sync: Sync,
    *,
    per_minute: int,
    max_body_bytes: int,
    wrong_keys_answered_after: timedelta,
) -> TriggerParts:
    """Return the parts; nothing runs yet. `per_minute`: deliveries that one pipeline takes."""

    async def start_sync(repository: str, delivery_id: str) -> str:
        return (await sync.start(repository, SyncTrigger.PUSH, delivery_id)).id

    keys = WebhookKeys(database, cipher, clock)
    deliveries = Deliveries(database, clock)
    wrong_keys = WrongKeys(clock, wrong_keys_answered_after)
    webhooks = Webhooks(
        runs,
        keys,
        deliveries,
        wrong_keys,
        cipher,
        clock,
        per_minute=per_minute,
        max_body_bytes=max_body_bytes,
    )
    push_webhooks = PushWebhooks(
        database,
        PushTargets(database, cipher),
        start_sync,
        deliveries,
        wrong_keys,
        clock,
        max_body_bytes=max_body_bytes,
    )
    return TriggerParts(webhooks, keys, push_webhooks, deliveries)
