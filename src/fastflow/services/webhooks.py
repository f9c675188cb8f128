"""Starts runs for other systems that know a pipeline's webhook key."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NoReturn

import structlog

from fastflow.domain.cause import WebhookCause
from fastflow.domain.delivery import DeliveryKind, DeliveryStatus
from fastflow.domain.errors import FastFlowError, Forbidden, NotFound, TooMany, Unavailable
from fastflow.domain.ports import Clock
from fastflow.domain.rate_limit import RateLimit
from fastflow.domain.repository_ports import Cipher
from fastflow.domain.run import Trigger
from fastflow.domain.signatures import has_hub_signature
from fastflow.services.deliveries import Deliveries
from fastflow.services.run_requests import RunRequest
from fastflow.services.runs import Runs
from fastflow.services.webhook_body import Brought, read_body
from fastflow.services.webhook_key_entries import Opened
from fastflow.services.webhook_keys import WebhookKeys
from fastflow.services.webhook_proof import check_hub_signature, check_signature, delivery_key
from fastflow.services.wrong_keys import WrongKeys, too_many
from fastflow.store.tables import DeliveryRow, RunRow

log = structlog.get_logger()

ReadBody = Callable[[int], Awaitable[bytes]]
"""Reads the body; raises `TooLarge` where it has more bytes than that."""

_EVENT_HEADERS: Final = ("x-github-event", "x-gitlab-event", "x-gitea-event", "x-forgejo-event")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request to a webhook; its body has not been read."""

    pipeline_name: str
    key: str = field(repr=False)
    remote: str | None
    headers: Mapping[str, str] = field(repr=False)
    """With names in lower case."""
    read: ReadBody


class Webhooks:
    """The door for other systems.

    Who has no right key learns nothing: no answer, and no time that it takes, tells whether there is such
    a pipeline or a key to it. Who has one is told what is wrong. No body is read before the key was right.
    """

    def __init__(
        self,
        runs: Runs,
        keys: WebhookKeys,
        deliveries: Deliveries,
        wrong_keys: WrongKeys,
        cipher: Cipher,
        clock: Clock,
        *,
        per_minute: int,
        max_body_bytes: int,
    ) -> None:
        self._runs = runs
        self._keys = keys
        self._deliveries = deliveries
        self._wrong_keys = wrong_keys
        self._cipher = cipher
        self._clock = clock
        self._limit = RateLimit(per_minute)
        self._max_body_bytes = max_body_bytes

    async def deliver(self, incoming: Incoming) -> RunRow:
        """Start the run that the delivery asks for, or return the one that it started before.

        Raises:
            NotFound: `webhook_not_found`, whatever is wrong with pipeline or key.
            TooMany: `too_many_wrong_keys`, `too_many_deliveries`.
            Forbidden: `webhook_key_expired`, `signature_missing`, `signature_wrong`, `signature_outdated`.
            Invalid, TooLarge, Conflict: `body_invalid`, what `read` raises, and as `Runs.trigger`.
        """
        arrived_at = self._clock.now()
        self._wrong_keys.refuse_guesser(incoming.remote)
        found = await self._keys.look_up(incoming.pipeline_name, incoming.key)
        if found.opened is None:
            await self._turn_away(incoming, arrived_at, has_pipeline=found.has_pipeline)
        delivery = self._new(incoming, found.opened)
        try:
            run = await self._take(incoming, found.opened, delivery)
        except Unavailable as error:
            if isinstance(error, TooMany):
                self._deliveries.note(delivery, DeliveryStatus.REFUSED, error.code, error.message)
            raise  # anything else is ours to mend, and the sender's to try again
        except FastFlowError as error:
            delivery.status = DeliveryStatus.REFUSED
            delivery.code, delivery.message = error.code, error.message
            delivery.run_id = _run_id_of(error)
            await self._log(delivery, found.opened)
            raise
        delivery.run_id = run.id
        if not _is_cause_of(delivery, run):
            delivery.status = DeliveryStatus.DUPLICATE
            delivery.message = "It was delivered before; the run of then was returned."
        await self._log(delivery, found.opened)
        return run

    async def _turn_away(self, incoming: Incoming, arrived_at: datetime, *, has_pipeline: bool) -> NoReturn:
        if has_pipeline:
            self._deliveries.note(
                self._new(incoming, None), DeliveryStatus.REFUSED, "webhook_not_found", "The key was wrong."
            )
        await self._wrong_keys.count(incoming.remote, arrived_at)
        raise NotFound("webhook_not_found", "There is no such webhook. Check its address and its key.")

    def _new(self, incoming: Incoming, opened: Opened | None) -> DeliveryRow:
        headers = incoming.headers
        return self._deliveries.new(
            DeliveryKind.WEBHOOK,
            incoming.pipeline_name,
            remote=incoming.remote,
            sender=opened.hint if opened is not None else None,
            event=next((headers[name] for name in _EVENT_HEADERS if headers.get(name)), None),
            external_id=delivery_key(headers, is_id_signed=False),
        )

    async def _take(self, incoming: Incoming, opened: Opened, delivery: DeliveryRow) -> RunRow:
        now = self._clock.now()
        if opened.expires_at is not None and opened.expires_at <= now:
            raise Forbidden(
                "webhook_key_expired",
                f"This key expired at {opened.expires_at:%Y-%m-%d %H:%M:%S} UTC; take a newer one.",
            )
        wait = self._limit.hit(incoming.pipeline_name, now)
        if wait is not None:
            raise too_many(
                "too_many_deliveries",
                f"Too many deliveries came for {incoming.pipeline_name} (WEBHOOK_RATE_PER_MINUTE)",
                wait,
                pipeline_name=incoming.pipeline_name,
            )
        body = await incoming.read(self._max_body_bytes)
        delivery.body_bytes = len(body)
        # On a thread: the body may have megabytes.
        brought = await asyncio.to_thread(self._understand, incoming, opened, body)
        is_id_signed = opened.signing_secret is not None and "webhook-signature" in incoming.headers
        return await self._runs.trigger(
            RunRequest(
                incoming.pipeline_name,
                Trigger.WEBHOOK,
                variables=brought.variables,
                parameters=brought.parameters,
                idempotency_key=delivery_key(incoming.headers, is_id_signed=is_id_signed),
                run_config_id=opened.run_config_id,
                cause=WebhookCause(
                    delivery_id=delivery.id,
                    remote=delivery.remote,
                    run_config_id=opened.run_config_id,
                    has_payload=brought.payload is not None,
                ),
                payload=brought.payload,
            )
        )

    def _understand(self, incoming: Incoming, opened: Opened, body: bytes) -> Brought:
        headers = incoming.headers
        if opened.signing_secret is not None:
            secret = self._cipher.decrypt(opened.signing_secret)
            check_signature(headers, body, secret, self._clock.now())
        elif has_hub_signature(headers.get("x-hub-signature-256")):
            check_hub_signature(headers, body, incoming.key)
        return read_body(body, headers.get("content-type"))

    async def _log(self, delivery: DeliveryRow, opened: Opened) -> None:
        """Store what became of it; the run stands, or doesn't, whether that succeeds or not."""
        try:
            await self._deliveries.record(delivery, opened.key_id)
        except Unavailable as error:
            log.warning("can't log a delivery", delivery=delivery.id, reason=error.message)


def _run_id_of(error: FastFlowError) -> str | None:
    run_id = error.fields.get("run_id")
    return run_id if isinstance(run_id, str) else None


def _is_cause_of(delivery: DeliveryRow, run: RunRow) -> bool:
    return run.cause is not None and run.cause.get("delivery_id") == delivery.id
