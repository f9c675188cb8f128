"""Encrypts all that is stored anew, while the server goes on, with the newest key."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import JsonValue
from sqlmodel import Session

from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Conflict, Unavailable
from fastflow.domain.ports import Clock
from fastflow.domain.repository_ports import Cipher
from fastflow.store import audit, ciphertexts, pipelines
from fastflow.store.ciphertexts import Holder
from fastflow.store.database import Database
from fastflow.store.tables import PipelineRow

Row = tuple[Any, ...]

_MOST_PASSES: Final = 10


@dataclass(frozen=True, slots=True)
class ManifestNeed:
    """A ciphertext in a manifest that the newest key does not open. Only its author can replace it."""

    pipeline_name: str
    field: str
    """Such as `encrypted_env.TOKEN`."""
    is_lost: bool
    """No key opens it."""


@dataclass(slots=True)
class Rotation:
    """What came of it."""

    has_new_key: bool = False
    renewed: Counter[str] = field(default_factory=Counter[str])
    """How many rows were encrypted anew, by column."""
    unreadable: list[str] = field(default_factory=list[str])
    """What no key opens: column and row."""
    manifests: list[ManifestNeed] = field(default_factory=list[ManifestNeed])
    former_keys: int = 0
    """How many keys are still kept beside the newest."""
    advice: str = ""


class KeyRotation:
    """Rotates keys. Interrupted at any point, the next call goes on: until the end all keys are kept."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock
        self._turn = asyncio.Lock()

    async def rotate(self, *, drops_former_keys: bool = False) -> Rotation:
        """Encrypt everything with the newest key; of the installation's own, make a new one before.

        A rotation that was begun is brought to its end first, without a further key. The former keys of the
        installation's file go at the end, unless a manifest needs them; `drops_former_keys`: also then.

        Raises:
            Conflict: `rotation_running`.
            Unavailable: `encryption_key_unwritable`.
        """
        if self._turn.locked():
            raise Conflict("rotation_running", "The keys are being rotated already; wait until that is done.")
        async with self._turn:
            found = Rotation()
            if self._cipher.has_own_file and not self._cipher.former_keys:
                await asyncio.to_thread(self._cipher.add_key)
                found.has_new_key = True
            await self._renew_all(found)
            found.manifests = await self._database.read(self._needs_of_manifests)
            needs_former = any(not need.is_lost for need in found.manifests) and not drops_former_keys
            if self._cipher.has_own_file and self._cipher.former_keys and not needs_former:
                await asyncio.to_thread(self._cipher.drop_former_keys)
            found.former_keys = self._cipher.former_keys
            found.advice = _advice(found, has_own_file=self._cipher.has_own_file)
            await self._database.write(lambda session: self._record(session, found))
            return found

    async def unreadable(self) -> list[str]:
        """Return what is stored and no key opens, as far as a quick look shows: one of each column."""
        found: list[str] = []
        for holder in ciphertexts.holders():
            if holder.is_small:
                found += self._unreadable_among(holder, await self._page(holder, None))[:1]
        return found

    async def _renew_all(self, found: Rotation) -> None:
        """Go on until nothing is left: meanwhile somebody may have written with a former key."""
        for _ in range(_MOST_PASSES):
            await self._database.write(lambda session: None)  # behind whatever was written until now
            before = found.renewed.total()
            found.unreadable = []
            for holder in ciphertexts.holders():
                await self._renew(holder, found)
            if found.renewed.total() == before:
                return

    async def _renew(self, holder: Holder, found: Rotation) -> None:
        rows = await self._page(holder, None)
        while rows:
            found.unreadable += self._unreadable_among(holder, rows)
            old = [row[:-1] for row in rows if self._is_old(row[-1])]
            if old:
                found.renewed[holder.name] += await self._write(holder, old)
            rows = await self._page(holder, rows[-1][:-1])

    async def _page(self, holder: Holder, after: Row | None) -> list[Row]:
        return await self._database.read(lambda session: ciphertexts.page(session, holder, after))

    async def _write(self, holder: Holder, keys: list[Row]) -> int:
        return await self._database.write(
            lambda session: ciphertexts.renew(session, holder, keys, self._renewed)
        )

    def _renewed(self, ciphertext: str) -> str | None:
        try:
            return self._cipher.renewed(ciphertext)
        except Unavailable:
            return None

    def _is_old(self, value: JsonValue) -> bool:
        return ciphertexts.replaced(value, self._renewed) != value

    def _unreadable_among(self, holder: Holder, rows: list[Row]) -> list[str]:
        return [
            f"{holder.name} of {' '.join(str(part) for part in row[:-1] if part)}"
            for row in rows
            if self._is_unreadable(row[-1])
        ]

    def _is_unreadable(self, value: JsonValue) -> bool:
        lost: list[str] = []

        def tried(ciphertext: str) -> None:
            try:
                self._cipher.decrypt(ciphertext)
            except Unavailable:
                lost.append(ciphertext)

        ciphertexts.replaced(value, tried)
        return bool(lost)

    def _needs_of_manifests(self, session: Session) -> list[ManifestNeed]:
        return [
            ManifestNeed(row.name, place, is_lost)
            for row in pipelines.every(session)
            if row.is_present
            for place, ciphertext in _encrypted_in(row)
            if (is_lost := self._is_unreadable(ciphertext)) or self._is_old(ciphertext)
        ]

    def _record(self, session: Session, found: Rotation) -> None:
        audit.record(
            session,
            AuditAction.SECRETS_ROTATED,
            "encryption key",
            self._clock.now(),
            after={"has_new_key": found.has_new_key, "former_keys": found.former_keys},
        )


def _encrypted_in(row: PipelineRow) -> Iterator[tuple[str, str]]:
    """Yield the ciphertexts of a manifest with their places."""
    manifest = (row.manifest if row.is_valid else row.valid_manifest) or {}
    schedules = manifest.get("schedules")
    parts = [("", manifest), *(enumerate(schedules) if isinstance(schedules, list) else ())]
    for place, part in parts:
        held = part.get("encrypted_env") if isinstance(part, dict) else None
        prefix = f"schedules[{place}]." if isinstance(place, int) else ""
        for name, ciphertext in held.items() if isinstance(held, dict) else ():
            yield f"{prefix}encrypted_env.{name}", str(ciphertext)


def _advice(found: Rotation, *, has_own_file: bool) -> str:
    """Say what is left to do."""
    if any(not need.is_lost for need in found.manifests) and found.former_keys:
        return (
            "Manifests still need a former key. Encrypt their values again with `fastflow secrets encrypt`, "
            "push them, and rotate once more."
        )
    if has_own_file:
        return "Back up the new key: DATA_DIR/keys/encryption." if found.has_new_key else ""
    if found.former_keys:
        return "Nothing needs the former keys any more: take all but the first off ENCRYPTION_KEY."
    return (
        "ENCRYPTION_KEY has one key. To rotate, put a new one before it (NEW,OLD), restart, and rotate again."
    )
