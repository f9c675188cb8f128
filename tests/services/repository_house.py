"""Repositories with a real store and a real cipher, whose remotes, keys and tokens are fakes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.fernet import Fernet

from fastflow.adapters.crypto.fernet import FernetCipher
from fastflow.domain.events import EventType
from fastflow.domain.repository import Authentication, GitHubApp
from fastflow.services.github_apps import GitHubApps
from fastflow.services.repositories import Repositories
from fastflow.services.repository_drafts import RepositoryDraft
from fastflow.store import events
from fastflow.store.database import Database
from tests.fakes.clock import FakeClock
from tests.fakes.credentials import FakeKeyMaker, FakeTokens
from tests.fakes.mirrors import FakeMirrors

URL = "https://git.example.org/acme/pipelines.git"
SSH_URL = "git@git.example.org:acme/pipelines.git"
TOKEN = "glpat-0123456789abcdef"  # noqa: S105 - opens nothing
PEM = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"
HOST_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
KNOWN_HOST = f"git.example.org ssh-ed25519 {HOST_KEY}"
FINGERPRINT = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
"""Of the key that `FakeMirrors` shows."""


class House:
    """One database and the services on it."""

    def __init__(self, database_url: str, *, may_be_private: bool = False) -> None:
        self.database = Database(database_url)
        self.mirrors, self.tokens, self.clock = FakeMirrors(), FakeTokens(), FakeClock()
        self.may_be_private = may_be_private
        self.use_key(Fernet.generate_key().decode())

    def use_key(self, *keys: str) -> None:
        """Start again with these encryption keys."""
        cipher = FernetCipher(keys)
        self.repositories = Repositories(
            self.database,
            cipher,
            FakeKeyMaker(),
            self.tokens,
            self.mirrors,
            self.clock,
            may_be_private=self.may_be_private,
        )
        self.apps = GitHubApps(
            self.database, cipher, self.tokens, self.clock, may_be_private=self.may_be_private
        )

    async def add_app(self, name: str = "mine", api_url: str = "https://api.github.com") -> None:
        """Add a GitHub App."""
        await self.apps.create(GitHubApp(name, "1234", api_url, PEM))

    async def announced(self) -> Sequence[Mapping[str, object]]:
        """Return the payloads of `repository.changed`, in order."""
        found = await self.database.read(lambda session: events.after(session, 0, 1000))
        return [event.payload for event in found if event.type is EventType.REPOSITORY_CHANGED]


def token_draft(name: str = "acme", url: str = URL) -> RepositoryDraft:
    """Return a repository that is opened by a token."""
    return RepositoryDraft(name, url, token=TOKEN)


def ssh_draft(name: str = "acme") -> RepositoryDraft:
    """Return a repository that is opened by a deploy key."""
    return RepositoryDraft(name, SSH_URL, authentication=Authentication.DEPLOY_KEY, known_hosts=KNOWN_HOST)


def bytes_of(folder: Path) -> bytes:
    """Return all that lies in the files of a folder, the database's log included."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
