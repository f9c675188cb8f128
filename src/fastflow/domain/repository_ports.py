"""What Git repositories need from the outside: mirrors, keys, ciphers, tokens of GitHub Apps."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from fastflow.domain.ports import FoundPipeline
from fastflow.domain.repository import Commit, Credential, GitHubApp, HostKey, Installation, Remote


class Mirrors(Protocol):
    """Git repositories fetched into bare mirrors on this host, and read without ever being checked out."""

    async def check(self, remote: Remote, credential: Credential) -> list[str]:
        """Ask the remote for its branches without fetching; the default one comes first.

        Raises: as `fetch`.
        """
        ...

    async def fetch(self, remote: Remote, credential: Credential) -> Commit:
        """Fetch the newest commit of the branch into the mirror, making it if need be.

        Readers see nothing of it until they ask for that commit. Interrupted at any point, the next fetch
        does the same again.

        Raises:
            Invalid: `url_invalid`, `protocol_not_allowed`, `address_not_allowed`, `branch_missing`,
                `repository_empty`, `repository_too_large`.
            Forbidden: `authentication_failed`, `host_key_unknown`, `host_key_changed`.
            NotFound: `repository_not_found`.
            Unavailable: `git_host_unreachable`, `git_timeout`, `git_failed`, `git_missing`,
                `git_too_old`, `ssh_missing`, `disk_full`, `disk_failed`.
        """
        ...

    async def snapshot(self, remote: Remote, commit: str, repository: str) -> list[FoundPipeline]:
        """List the pipelines below the remote's `subdir` at a commit that was fetched; reads no network.

        `repository` is the name they are given. A pipeline's revision is `tree-<hex>`: the same content has
        the same revision in every commit.

        Raises:
            NotFound: `commit_gone`, `subdir_missing`.
            Invalid: `repository_too_large`; there are more than can be looked at.
            Unavailable: `git_timeout`, `git_missing`, `git_too_old`, `disk_failed`.
        """
        ...

    async def lay_out(self, name: str, revision: str, into: Path, repository_ids: Sequence[str]) -> None:
        """Write a pipeline's files into the new directory `into`, from whichever mirror has that revision.

        Raises:
            NotFound: `revision_gone`; no mirror has it.
        """
        ...

    async def keep_only(self, repository_id: str, commits: set[str]) -> None:
        """Let go of the objects that no commit of these needs."""
        ...

    async def remove(self, repository_id: str) -> None:
        """Delete the mirror."""
        ...

    async def host_keys(self, url: str, *, may_be_private: bool = False) -> list[HostKey]:
        """Ask the SSH server at that URL which host keys it has.

        `may_be_private`: whether it may have a loopback or private address.

        Raises:
            Invalid: `url_invalid`, `address_not_allowed`.
            Unavailable: `git_host_unreachable`.
        """
        ...


class KeyMaker(Protocol):
    """Makes key pairs for SSH."""

    def new_key_pair(self, comment: str) -> tuple[str, str]:
        """Return a private key (OpenSSH, no passphrase) and its public key as one line."""
        ...


class Cipher(Protocol):
    """Encrypts what is stored and must not be read from the database alone."""

    def encrypt(self, plain: str) -> str:
        """Return the ciphertext."""
        ...

    def decrypt(self, ciphertext: str) -> str:
        """Return the plain text.

        Raises:
            Unavailable: `encryption_key_wrong`; it was encrypted with another key.
        """
        ...

    def renewed(self, ciphertext: str) -> str | None:
        """Return it encrypted with the newest key; None where it is already.

        Raises:
            Unavailable: `encryption_key_wrong`; it was encrypted with another key.
        """
        ...

    @property
    def former_keys(self) -> int:
        """How many keys there are beside the newest."""
        ...

    @property
    def has_own_file(self) -> bool:
        """Whether the keys lie in the installation's file, which we may change; not in the settings."""
        ...

    def add_key(self) -> None:
        """Make a new key, which encrypts from now on; those there are stay. Blocks on files.

        Raises:
            Unavailable: `encryption_key_unwritable`; nothing has changed.
        """
        ...

    def drop_former_keys(self) -> None:
        """Keep the newest key alone. What was encrypted with another one is lost. Blocks on files.

        Raises:
            Unavailable: `encryption_key_unwritable`; nothing has changed.
        """
        ...


class InstallationTokens(Protocol):
    """Gets tokens from GitHub for an App's installations."""

    async def token(self, app: GitHubApp, repository_url: str, installation_id: int | None) -> str:
        """Return a token that is valid for five more minutes at least; one that is kept serves many.

        It opens that repository and nothing else, for reading. `repository_url` has to be on the host that
        `app.api_url` speaks for: a token is made for no other.

        Raises:
            Invalid: `url_invalid`, `github_host_differs`, `github_app_key_invalid`, `address_not_allowed`.
            Forbidden: `github_app_refused`; the App's key, id or installation is wrong or suspended.
            NotFound: `installation_not_found`; the App is not installed on that repository.
            Unavailable: `github_unreachable`, `github_rate_limited`.
        """
        ...

    def forget(self, app: GitHubApp, repository_url: str, installation_id: int | None) -> None:
        """Keep the token no longer: the Git host refused it. The next caller gets another one."""
        ...

    async def installations(self, app: GitHubApp) -> list[Installation]:
        """List where the App is installed, with the repositories it may read. Raises: as `token`."""
        ...

    async def check_key(self, private_key: str) -> None:
        """Say whether an App could sign with that key; GitHub is not asked.

        Raises:
            Invalid: `github_app_key_invalid`.
        """
        ...
