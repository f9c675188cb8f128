"""What users do with stored secrets. What was written is never returned."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue
from sqlmodel import Session

from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Invalid, NotFound
from fastflow.domain.manifest import Problem
from fastflow.domain.names import is_pipeline_name
from fastflow.domain.ports import Clock
from fastflow.domain.repository_ports import Cipher
from fastflow.domain.secret import missing_warning, name_problem, value_problem
from fastflow.domain.variables import MAX_VALUE_BYTES
from fastflow.store import audit, secrets
from fastflow.store.database import Database
from fastflow.store.tables import SecretRow
from fastflow.store.tables.secrets import GLOBAL


class Secrets:
    """Stores, lists, replaces and deletes secrets."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock

    async def every(self, pipeline_name: str | None = None) -> Sequence[SecretRow]:
        """Return all secrets by name, or only those that this pipeline may list."""
        return await self._database.read(lambda session: secrets.every(session, pipeline_name))

    async def missing_of(self, written: Mapping[str, JsonValue]) -> dict[str, list[Problem]]:
        """Return the warnings about listed secrets that are not stored, by pipeline. One query for all.

        `written` has what each pipeline's manifest says in `secrets`.
        """
        listed = {name: keys for name, entries in written.items() if (keys := _listed(entries))}
        stored = await self._database.read(secrets.names) if listed else set[tuple[str, str]]()
        return {
            name: [missing_warning(key, name) for key in keys if not {(GLOBAL, key), (name, key)} & stored]
            for name, keys in listed.items()
        }

    async def put(self, name: str, value: str, pipeline_name: str | None = None) -> tuple[SecretRow, bool]:
        """Store a value, for one pipeline alone or for all; return it and whether it is new.

        A pipeline need not exist yet. Runs that have begun keep the value that they received.

        Raises:
            Invalid: `secret_invalid`; nothing of the value is repeated.
        """
        refuse_unfit(name, value, pipeline_name)
        owner, ciphertext = pipeline_name or GLOBAL, self._cipher.encrypt(value)

        def work(session: Session) -> tuple[SecretRow, bool]:
            now = self._clock.now()
            row = secrets.get(session, owner, name)
            is_new = row is None
            if row is None:
                row = SecretRow(
                    pipeline_name=owner, name=name, value=ciphertext, created_at=now, changed_at=now
                )
                secrets.add(session, row)
            else:
                row.value, row.changed_at = ciphertext, now
            action = AuditAction.SECRET_CREATED if is_new else AuditAction.SECRET_CHANGED
            audit.record(session, action, name, now, pipeline_name=pipeline_name, after={"value": True})
            return row, is_new

        return await self._database.write(work)

    async def remove(self, name: str, pipeline_name: str | None = None) -> SecretRow:
        """Delete a secret; return what it was. Runs that have begun keep it.

        Raises:
            NotFound: `secret_not_found`.
        """
        owner = pipeline_name or GLOBAL

        def work(session: Session) -> SecretRow:
            row = secrets.get(session, owner, name)
            if row is None:
                raise _not_found(name, pipeline_name)
            secrets.remove(session, row)
            audit.record(
                session,
                AuditAction.SECRET_DELETED,
                name,
                self._clock.now(),
                pipeline_name=pipeline_name,
                before={"value": True},
            )
            return row

        return await self._database.write(work)

    def encrypt(self, value: str) -> str:
        """Return the ciphertext of a value, for `encrypted_env` in a manifest.

        Raises:
            Invalid: `secret_invalid`; nothing of the value is repeated.
        """
        _refuse({"value": value_problem(value)})
        ciphertext = self._cipher.encrypt(value)
        if len(ciphertext) > MAX_VALUE_BYTES:
            _refuse({"value": "is too long for a manifest; store it with `fastflow secrets set`"})
        return ciphertext


def refuse_unfit(name: str, value: str, pipeline_name: str | None) -> None:
    """Refuse what can't be stored.

    Raises:
        Invalid: `secret_invalid`; `fields` says what is wrong with which of them.
    """
    is_named = pipeline_name is None or is_pipeline_name(pipeline_name)
    _refuse(
        {
            "name": name_problem(name),
            "value": value_problem(value),
            "pipeline_name": None if is_named else "is no pipeline's name; write the name of its folder",
        }
    )


def _listed(entries: JsonValue) -> list[str]:
    """Return the keys that a stored manifest lists. Not validated again: there may be thousands."""
    if not isinstance(entries, list):
        return []
    return [str(entry["key"]) if isinstance(entry, dict) else str(entry) for entry in entries]


def _refuse(problems: dict[str, str | None]) -> None:
    found = {field: problem for field, problem in problems.items() if problem is not None}
    if found:
        sentence = "; ".join(f"{field} {problem}" for field, problem in found.items())
        raise Invalid("secret_invalid", f"The secret was refused: {sentence}.", found)


def _not_found(name: str, pipeline_name: str | None) -> NotFound:
    where = f"of pipeline {pipeline_name[:80]!r} alone" if pipeline_name else "for all pipelines"
    return NotFound(
        "secret_not_found",
        f"There is no secret {name[:80]!r} {where}. `fastflow secrets` lists those there are.",
        {"name": name[:80], "pipeline_name": pipeline_name[:80] if pipeline_name else None},
    )
