"""Git repositories that pipelines come from: their settings, credentials and syncs."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

REPOSITORY_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


class RepositoryOrigin(StrEnum):
    """Who configured a repository."""

    SETTINGS = "settings"
    """The environment of the server; the API can't change it."""
    API = "api"


class Authentication(StrEnum):
    """How the server shows who it is to the Git host."""

    NONE = "none"
    TOKEN = "token"  # noqa: S105 - the kind, not a token
    """HTTPS with a token as the password."""
    DEPLOY_KEY = "deploy_key"
    """SSH with a key that this server generated; host keys are pinned."""
    GITHUB_APP = "github_app"
    """HTTPS with an installation token of a GitHub App, made anew before it expires."""


class SyncTrigger(StrEnum):
    """Why a sync was made."""

    START = "start"
    """The server started."""
    INTERVAL = "interval"
    API = "api"
    PUSH = "push"
    """The Git host said that somebody pushed."""


class SyncStatus(StrEnum):
    """Where a sync stands."""

    RUNNING = "RUNNING"
    SUCCESS = "SUCCESS"
    """The repository's pipelines are those of its newest commit, which may be the one of before."""
    FAILED = "FAILED"
    """Nothing was changed; the pipelines stay as they were."""
    INTERRUPTED = "INTERRUPTED"
    """The server ended in the middle of it; the next sync does the same again."""


@dataclass(frozen=True, slots=True)
class Remote:
    """Where a repository is fetched from."""

    repository_id: str
    """Names its mirror on disk; stays when the repository is renamed."""
    url: str
    """`https://host/path`, `ssh://user@host:port/path` or `user@host:path`. Never with a password in it."""
    branch: str | None = None
    """None: the one that the remote's HEAD names."""
    subdir: str = ""
    """The folder in it whose folders are pipelines; empty for the top. With slashes, no `..`."""
    may_be_private: bool = False
    """Whether its host may have a loopback or private address."""


@dataclass(frozen=True, slots=True)
class TokenCredential:
    """A password for HTTPS. Never shown: not in argv, logs, errors or files."""

    username: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyCredential:
    """A private key for SSH, and the only host keys that are accepted."""

    private_key: str = field(repr=False)
    """OpenSSH format, without passphrase."""
    known_hosts: str
    """Lines as in OpenSSH's known_hosts; empty: none is accepted."""


Credential = TokenCredential | KeyCredential | None


@dataclass(frozen=True, slots=True)
class Commit:
    """What a branch points to."""

    id: str
    """40 hexadecimal digits."""
    committed_at: datetime
    author: str
    subject: str
    """First line of its message, shortened."""


@dataclass(frozen=True, slots=True)
class HostKey:
    """A key that an SSH server showed."""

    type: str
    """Such as `ssh-ed25519`."""
    fingerprint: str
    """`SHA256:…`, as ssh shows it."""
    line: str
    """As in known_hosts."""


@dataclass(frozen=True, slots=True)
class GitHubApp:
    """A GitHub App with its key."""

    name: str
    app_id: str
    api_url: str
    """`https://api.github.com`, or `https://HOST/api/v3` of an own GitHub."""
    private_key: str = field(repr=False)
    """PEM."""
    may_be_private: bool = False
    """Whether its API may have a loopback or private address."""


@dataclass(frozen=True, slots=True)
class Installation:
    """Where a GitHub App is installed."""

    id: int
    account: str
    is_suspended: bool
    repositories: tuple[str, ...] = ()
    """`owner/name` of those that it may read."""
