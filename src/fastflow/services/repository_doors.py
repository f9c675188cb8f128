"""Opens repositories: decrypts their credentials, or gets tokens for them."""

from dataclasses import dataclass, field

from fastflow.domain.errors import Forbidden, NotFound
from fastflow.domain.repository import (
    Authentication,
    Credential,
    GitHubApp,
    Remote,
    RepositoryOrigin,
    TokenCredential,
)
from fastflow.domain.repository_ports import Cipher, InstallationTokens, Mirrors
from fastflow.services.github_apps import opened_app
from fastflow.services.repository_drafts import USERNAME
from fastflow.services.repository_rows import RepositoryRows, found
from fastflow.store import repositories
from fastflow.store.database import Database
from fastflow.store.tables import RepositoryRow


@dataclass(frozen=True, slots=True)
class Access:
    """How a repository is reached."""

    remote: Remote
    credential: Credential = field(repr=False)


class RepositoryDoors:
    """Takes credentials out of the store, for whoever speaks with the Git host."""

    def __init__(
        self,
        database: Database,
        rows: RepositoryRows,
        cipher: Cipher,
        tokens: InstallationTokens,
        mirrors: Mirrors,
        *,
        may_be_private: bool,
    ) -> None:
        self._database = database
        self._rows = rows
        self._cipher = cipher
        self._tokens = tokens
        self._mirrors = mirrors
        self._may_be_private = may_be_private

    async def access(self, row: RepositoryRow) -> Access:
        """Return how to reach a repository: decrypt its credential, or get a token of its GitHub App.

        Raises:
            Invalid: `url_invalid`, `github_host_differs`, `github_app_key_invalid`, `address_not_allowed`.
            Forbidden: `credential_missing`, `github_app_refused`.
            NotFound: `github_app_not_found`, `installation_not_found`.
            Unavailable: `encryption_key_wrong`, `github_unreachable`, `github_rate_limited`.
        """
        remote = self.remote(row)
        if row.authentication is not Authentication.GITHUB_APP:
            return Access(remote, self._rows.credential(row))
        token = await self._tokens.token(await self._app(row), row.url, row.installation_id)
        return Access(remote, TokenCredential(USERNAME, token))

    async def refused(self, row: RepositoryRow) -> bool:
        """Take note that the Git host refused the credential; True if the next `access` has another one.

        A GitHub App's token can be withdrawn before it expires, when the App is installed anew for instance.
        """
        if row.authentication is not Authentication.GITHUB_APP:
            return False
        self._tokens.forget(await self._app(row), row.url, row.installation_id)
        return True

    def remote(self, row: RepositoryRow) -> Remote:
        """Return where it is. Whoever sets the environment may name a private network in any case."""
        is_free = self._may_be_private or row.origin is RepositoryOrigin.SETTINGS
        return Remote(row.id, row.url, row.branch, row.subdir, may_be_private=is_free)

    async def check(self, name: str) -> list[str]:
        """Ask the Git host for the repository's branches; the default one comes first.

        Raises:
            NotFound: `repository_not_found`.
            Others: as `access` and `Mirrors.check`.
        """
        row = await self._database.read(lambda session: found(session, name))
        access = await self.access(row)
        try:
            return await self._mirrors.check(access.remote, access.credential)
        except Forbidden:
            if not await self.refused(row):
                raise
        access = await self.access(row)
        return await self._mirrors.check(access.remote, access.credential)

    async def _app(self, row: RepositoryRow) -> GitHubApp:
        name = row.github_app or ""
        app = await self._database.read(lambda session: repositories.app(session, name))
        if app is None:
            raise NotFound(
                "github_app_not_found",
                f"Repository {row.name} is opened by the GitHub App {name!r}, which does not exist. Add it, "
                "or name another one.",
                {"repository": row.name, "github_app": name},
            )
        return opened_app(app, self._cipher, may_be_private=self._may_be_private)
