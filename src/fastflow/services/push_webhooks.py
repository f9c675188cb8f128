"""Starts syncs for Git hosts that tell of a push."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from sqlmodel import Session

from fastflow.domain.delivery import DeliveryKind, DeliveryStatus
from fastflow.domain.errors import FastFlowError, NotFound
from fastflow.domain.ports import Clock
from fastflow.domain.push import PushDelivery
from fastflow.domain.signatures import Verdict
from fastflow.services.deliveries import Deliveries
from fastflow.services.push_targets import PushTarget, PushTargets
from fastflow.services.wrong_keys import WrongKeys
from fastflow.store import deliveries
from fastflow.store.database import Database
from fastflow.store.tables import DeliveryRow

StartSync = Callable[[str, str], Awaitable[str]]
"""Asks for the sync of the repository of that name, for that delivery; returns the sync's id at once."""


@dataclass(frozen=True, slots=True)
class IncomingPush:
    """A request to a push webhook; its body has not been read."""

    repository: str
    remote: str | None
    headers: Mapping[str, str] = field(repr=False)
    """With names in lower case."""
    read: Callable[[int], Awaitable[bytes]]
    """Raises `TooLarge` where the body has more bytes than that."""


class PushWebhooks:
    """The door for Git hosts. Who does not know the repository's secret learns nothing."""

    def __init__(
        self,
        database: Database,
        targets: PushTargets,
        start_sync: StartSync,
        deliveries: Deliveries,
        wrong_keys: WrongKeys,
        clock: Clock,
        *,
        max_body_bytes: int,
    ) -> None:
        self._database = database
        self._targets = targets
        self._start_sync = start_sync
        self._deliveries = deliveries
        self._wrong_keys = wrong_keys
        self._clock = clock
        self._max_body_bytes = max_body_bytes
        self._no_secret = secrets.token_hex()
        """Checked with where there is no secret, so that this takes as long; nobody knows it."""

    async def deliver(self, incoming: IncomingPush) -> DeliveryRow:
        """Ask for the sync that the delivery calls for; return what became of the delivery.

        A replay, a ping and a push to another branch do nothing.

        Raises:
            NotFound: `push_webhook_not_found`, whatever is wrong with repository or signature.
            TooMany: `too_many_wrong_keys`.
            TooLarge: what `read` raises.
            FastFlowError: what asking for the sync raises; the delivery may come again.
        """
        self._wrong_keys.refuse_guesser(incoming.remote)
        push = PushDelivery(incoming.headers, await incoming.read(self._max_body_bytes))
        arrived_at = self._clock.now()
        target = await self._targets.find(incoming.repository)
        secret = (target.secret if target is not None else None) or self._no_secret
        # On a thread: the body may have megabytes.
        verdict = await asyncio.to_thread(push.verdict, secret, self._clock.now())
        delivery = self._deliveries.new(
            DeliveryKind.PUSH,
            incoming.repository,
            remote=incoming.remote,
            sender=push.sender.value,
            event=push.event,
            external_id=push.external_id,
            body_bytes=len(push.body),
        )
        if verdict is not Verdict.RIGHT or target is None or target.secret is None:
            await self._turn_away(delivery, arrived_at, target, verdict)
        disinterest = await asyncio.to_thread(push.disinterest, target.branch)
        return await self._take(delivery, push.fingerprint, disinterest)

    async def target(self, name: str) -> PushTarget:
        """Return the repository of that name.

        Raises:
            NotFound: `repository_not_found`.
        """
        target = await self._targets.find(name)
        if target is None:
            raise NotFound(
                "repository_not_found",
                f"There is no repository {name[:80]!r}. `GET /api/repositories` lists those there are.",
                {"repository": name[:80]},
            )
        return target

    async def _turn_away(
        self, delivery: DeliveryRow, arrived_at: datetime, target: PushTarget | None, verdict: Verdict
    ) -> NoReturn:
        if target is not None:
            code, message = "signature_wrong", "The signature, or the token, was wrong or missing."
            if target.secret is None:
                code, message = "no_push_secret", "The repository has no secret for push webhooks; set one."
            elif verdict is Verdict.OUTDATED:
                code, message = "signature_outdated", "It was signed more than five minutes from now."
            self._deliveries.note(delivery, DeliveryStatus.REFUSED, code, message)
        await self._wrong_keys.count(delivery.remote, arrived_at)
        raise NotFound(
            "push_webhook_not_found", "There is no such push webhook. Check its address and its secret."
        )

    async def _take(self, delivery: DeliveryRow, fingerprint: str, disinterest: str | None) -> DeliveryRow:
        if disinterest is not None:
            delivery.status, delivery.message = DeliveryStatus.IGNORED, disinterest
        earlier = await self._claim(delivery, fingerprint)
        if earlier is not None:
            delivery.sync_id = earlier.sync_id
            self._deliveries.note(
                delivery, DeliveryStatus.DUPLICATE, "duplicate", f"It came before, as delivery {earlier.id}."
            )
        elif disinterest is None:
            await self._sync(delivery)
        return delivery

    async def _claim(self, delivery: DeliveryRow, fingerprint: str) -> DeliveryRow | None:
        """Log the delivery, unless it came before: then return it as it came first."""

        def work(session: Session) -> DeliveryRow | None:
            earlier = deliveries.with_fingerprint(session, delivery.kind, delivery.target, fingerprint)
            if earlier is None:
                delivery.fingerprint = fingerprint
                deliveries.add(session, delivery)
            return earlier

        return await self._database.write(work)

    async def _sync(self, delivery: DeliveryRow) -> None:
        try:
            delivery.sync_id = await self._start_sync(delivery.target, delivery.id)
        except FastFlowError as error:
            delivery.status, delivery.fingerprint = DeliveryStatus.REFUSED, None
            delivery.code, delivery.message = error.code, error.message
            raise
        finally:
            await self._database.write(lambda session: deliveries.save(session, delivery))
