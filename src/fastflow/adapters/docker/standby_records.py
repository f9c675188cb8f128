"""Remembers whose a container became that was made before its attempt was known: labels can't be changed.

A file each, outside of what attempts can write, there before the attempt is handed over and until its
container is removed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from fastflow.domain.errors import Unavailable
from fastflow.domain.execution import AttemptIdentity


class _Written(BaseModel):
    run_id: str
    attempt: int
    pipeline: str
    lease_token: str
    directory: Path
    made_in: Path


@dataclass(frozen=True, slots=True)
class StandbyRecord:
    """Whose a container is."""

    identity: AttemptIdentity
    directory: Path
    """The attempt's."""
    made_in: Path
    """Where that directory lay while the container waited; a crash in the middle leaves it there."""


class StandbyRecords:
    """The records below `place`. All methods block on files."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def write(self, container: str, record: StandbyRecord) -> None:
        """Note whose it is from now on.

        Raises:
            Unavailable: `disk_failed`.
        """
        identity = record.identity
        written = _Written(
            run_id=identity.run_id,
            attempt=identity.attempt,
            pipeline=identity.pipeline,
            lease_token=identity.lease_token,
            directory=record.directory,
            made_in=record.made_in,
        )
        path, making = self._path(container), self._path(f".making-{container}")
        try:
            self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
            making.write_text(written.model_dump_json(), encoding="utf-8")
            making.rename(path)
        except OSError as error:
            raise Unavailable("disk_failed", f"The record {path} can't be written: {error}") from error

    def every(self) -> Mapping[str, StandbyRecord]:
        """Return all, by container."""
        if not self._place.is_dir():
            return {}
        found = {path.stem: _read(path) for path in self._place.glob("*.json")}
        return {container: record for container, record in found.items() if record is not None}

    def remove(self, container: str) -> None:
        """Forget it; no error where nothing is known of it."""
        self._path(container).unlink(missing_ok=True)

    def _path(self, container: str) -> Path:
        return self._place / f"{container}.json"


def _read(path: Path) -> StandbyRecord | None:
    try:
        written = _Written.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    identity = AttemptIdentity(
        written.run_id, written.attempt, written.pipeline, lease_token=written.lease_token
    )
    return StandbyRecord(identity, written.directory, written.made_in)
