"""The keys of repositories that are reached by SSH: deploy keys, and the host keys that are accepted."""

from collections.abc import Mapping

from pydantic import JsonValue
from sqlmodel import Session

from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Conflict
from fastflow.domain.ports import Clock
from fastflow.domain.repository import Authentication, HostKey
from fastflow.domain.repository_ports import Mirrors
from fastflow.services.repository_doors import RepositoryDoors
from fastflow.services.repository_rows import RepositoryRows, announce, changeable, found
from fastflow.store import audit
from fastflow.store.database import Database
from fastflow.store.tables import RepositoryRow


class RepositoryKeys:
    """Makes deploy keys and pins host keys."""

    def __init__(
        self,
        database: Database,
        rows: RepositoryRows,
        doors: RepositoryDoors,
        mirrors: Mirrors,
        clock: Clock,
    ) -> None:
        self._database = database
        self._rows = rows
        self._doors = doors
        self._mirrors = mirrors
        self._clock = clock

    async def renew(self, name: str) -> RepositoryRow:
        """Make a new deploy key in place of the old one, which is lost at once.

        Also for a repository of the settings, as no setting holds its key.

        Raises:
            NotFound: `repository_not_found`.
            Conflict: `no_deploy_key`; it is opened in another way.
        """

        def work(session: Session) -> RepositoryRow:
            row = _opened_by_key(found(session, name))
            before: dict[str, JsonValue] = {"public_key": row.public_key}
            self._rows.renew_key(row)
            after: dict[str, JsonValue] = {"public_key": row.public_key}
            return self._note(session, row, AuditAction.DEPLOY_KEY_RENEWED, before, after)

        return await self._database.write(work)

    async def shown(self, name: str) -> list[HostKey]:
        """Ask the repository's SSH server which host keys it has; to be compared before they are pinned.

        Raises:
            NotFound: `repository_not_found`.
            Conflict: `no_deploy_key`.
            Others: as `Mirrors.host_keys`.
        """
        row = await self._database.read(lambda session: _opened_by_key(found(session, name)))
        return await self._scanned(row)

    async def pin(self, name: str, fingerprints: set[str]) -> RepositoryRow:
        """Accept exactly the host keys with these fingerprints from now on; the server has to show them.

        Raises:
            NotFound: `repository_not_found`.
            Conflict: `no_deploy_key`, `repository_from_settings`, `host_key_not_shown`,
                `repository_changed`; the URL became another one meanwhile.
            Others: as `Mirrors.host_keys`.
        """
        asked = await self._database.read(lambda session: _opened_by_key(changeable(session, name)))
        shown = {key.fingerprint: key.line for key in await self._scanned(asked)}
        missing = sorted(fingerprints - shown.keys())
        if missing or not fingerprints:
            raise Conflict(
                "host_key_not_shown",
                f"The server does not show the host key {', '.join(missing)[:500] or '(none was named)'}; it "
                f"shows {', '.join(sorted(shown)) or 'none'}.",
                {"missing": [*missing], "shown": sorted(shown)},
            )

        def work(session: Session) -> RepositoryRow:
            row = changeable(session, name)
            if row.url != asked.url:
                raise Conflict(
                    "repository_changed", "The URL was changed meanwhile. Ask for the host keys again."
                )
            before: dict[str, JsonValue] = {"known_hosts": row.known_hosts}
            row.known_hosts = "\n".join(shown[fingerprint] for fingerprint in sorted(fingerprints))
            after: dict[str, JsonValue] = {
                "known_hosts": row.known_hosts,
                "host_keys": [*sorted(fingerprints)],
            }
            return self._note(session, row, AuditAction.HOST_KEYS_PINNED, before, after)

        return await self._database.write(work)

    async def _scanned(self, row: RepositoryRow) -> list[HostKey]:
        remote = self._doors.remote(row)
        return await self._mirrors.host_keys(remote.url, may_be_private=remote.may_be_private)

    def _note(
        self,
        session: Session,
        row: RepositoryRow,
        action: AuditAction,
        before: Mapping[str, JsonValue],
        after: Mapping[str, JsonValue],
    ) -> RepositoryRow:
        row.changed_at = self._clock.now()
        announce(session, row, "changed", row.changed_at)
        audit.record(session, action, row.name, row.changed_at, before=before, after=after)
        return row


def _opened_by_key(row: RepositoryRow) -> RepositoryRow:
    if row.authentication is not Authentication.DEPLOY_KEY:
        raise Conflict(
            "no_deploy_key",
            f"Repository {row.name} is not reached by SSH with a deploy key but with the authentication "
            f"{row.authentication.value}.",
            {"repository": row.name, "authentication": row.authentication.value},
        )
    return row
