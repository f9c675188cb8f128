"""Hands a run the secrets that it lists, when one of its attempts starts and never before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Conflict, Unavailable
from fastflow.domain.outcome import Blame
from fastflow.domain.ports import Clock
from fastflow.domain.repository_ports import Cipher
from fastflow.domain.secret import (
    SecretsUnavailable,
    missing_sentence,
    value_problem,
    values_as_text,
    values_from_text,
)
from fastflow.domain.secret_file import SecretFile
from fastflow.domain.spec import RunSpec
from fastflow.store import attempts, audit, secrets
from fastflow.store.attempts import Lease
from fastflow.store.database import Database
from fastflow.store.tables import RunRow, SecretRow


@dataclass(frozen=True, slots=True)
class ReceivedSecrets:
    """What one attempt receives, in the ways that its manifest asked for."""

    variables: Mapping[str, str]
    files: tuple[SecretFile, ...] = ()

    @property
    def values(self) -> list[str]:
        """All that has to be hidden, however it was handed over."""
        return [*self.variables.values(), *(file.value for file in self.files)]


_NOTHING: Final = ReceivedSecrets({})


class RunSecrets:
    """What runs receive. Values are decrypted here, and held by nobody longer than an attempt."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock

    async def hand_over(self, lease: Lease, run: RunRow) -> ReceivedSecrets:
        """Return the variables and files that are secret, as they are stored now.

        What is needed to hide them is kept with the attempt, encrypted, before anybody has them; and it is
        noted of each secret which run received it. Both, or nothing.

        Raises:
            SecretsUnavailable: `secret_missing`, `encryption_key_wrong`, `secret_invalid`.
            Conflict: `lease_lost`; somebody else works on the attempt.
        """
        spec = RunSpec.model_validate(run.spec)
        listed = [*spec.secrets, *spec.secret_files]
        if not listed and not spec.encrypted_variables:
            return _NOTHING

        def work(session: Session) -> ReceivedSecrets:
            stored = secrets.for_pipeline(session, run.pipeline_name, listed)
            missing = [name for name in listed if name not in stored]
            if missing:
                sentence = missing_sentence(missing, run.pipeline_name)
                raise SecretsUnavailable("secret_missing", sentence, Blame.PIPELINE)
            values = dict(self._decrypted({name: row.value for name, row in stored.items()}, "secrets"))
            received = ReceivedSecrets(
                variables={
                    **{name: values[name] for name in spec.secrets},
                    **dict(self._decrypted(spec.encrypted_variables, "encrypted_env")),
                },
                files=tuple(SecretFile(name, values[name]) for name in spec.secret_files),
            )
            kept = self._cipher.encrypt(values_as_text(received.values))
            if not attempts.keep_secret_values(session, lease, kept):
                raise Conflict("lease_lost", f"Another server works on run {run.id} now.")
            _note_use(session, stored, run, self._clock.now())
            return received

        return await self._database.write(work)

    def values_of(self, ciphertext: str) -> list[str]:
        """Return the values that an attempt has received.

        Raises:
            Unavailable: `encryption_key_wrong`.
        """
        return values_from_text(self._cipher.decrypt(ciphertext))

    def _decrypted(self, ciphertexts: Mapping[str, str], field: str) -> Iterator[tuple[str, str]]:
        for name, ciphertext in ciphertexts.items():
            try:
                value = self._cipher.decrypt(ciphertext)
            except Unavailable as error:
                raise SecretsUnavailable(
                    error.code,
                    f"Not started: {name} of `{field}` was encrypted with another key than the server has. "
                    "Put the former key back (ENCRYPTION_KEY takes several, separated by commas), or "
                    + _again(field, name),
                    Blame.PLATFORM,
                ) from None
            problem = value_problem(value)
            if problem is not None:
                raise SecretsUnavailable(
                    "secret_invalid", f"Not started: {name} of `{field}` {problem}.", Blame.PIPELINE
                )
            yield name, value


def _again(field: str, name: str) -> str:
    if field == "secrets":
        return f"store the value again: `fastflow secrets set {name}`."
    return "encrypt the value again: `fastflow secrets encrypt`."


def _note_use(session: Session, stored: Mapping[str, SecretRow], run: RunRow, now: datetime) -> None:
    secrets.note_use(session, stored.values(), run.id, now)
    for name, row in stored.items():
        audit.record(
            session,
            AuditAction.SECRET_USED,
            name,
            now,
            pipeline_name=run.pipeline_name,
            after={"run_id": run.id, "origin": "pipeline" if row.pipeline_name else "global"},
        )
