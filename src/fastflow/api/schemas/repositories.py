"""Git repositories on the wire. Credentials come in and never go out."""

from datetime import datetime
from typing import Self, cast

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from fastflow.domain.known_hosts import parse_known_hosts
from fastflow.domain.repository import Authentication, HostKey, RepositoryOrigin
from fastflow.services.repository_drafts import RepositoryChanges, RepositoryDraft
from fastflow.store.tables import RepositoryRow

_URL = "`https://host/path`, `ssh://user@host/path` or `user@host:path`, without a password."
_BRANCH = "null: the one that the remote's HEAD names."
_SUBDIR = "The folder whose folders are pipelines; empty: the top."
_USERNAME = "That goes with the token; null: x-access-token."
_INSTALLATION = "Of the GitHub App; null: looked up by the repository's name."
_KNOWN_HOSTS = "Lines as in known_hosts: the only SSH host keys that are accepted."
_PUSH_SECRET = "What the Git host signs its push webhooks with; null: they are refused."  # noqa: S105
_INTERVAL = "From one look at the remote to the next; 0: only when asked; null: AUTO_SYNC_INTERVAL."


class CreateRepository(BaseModel):
    """A repository to be added."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="1 to 32 of a-z, 0-9, _ and -.")
    url: str = Field(description=_URL)
    branch: str | None = Field(default=None, description=_BRANCH)
    subdir: str = Field(default="", description=_SUBDIR)
    authentication: Authentication | None = Field(
        default=None,
        description="null: github_app or token where one is given, deploy_key for SSH, else none.",
    )
    username: str | None = Field(default=None, description=_USERNAME)
    token: SecretStr | None = Field(default=None, description="Password for HTTPS; never shown again.")
    github_app: str | None = Field(default=None, description="Name of a GitHub App of /api/github-apps.")
    installation_id: int | None = Field(default=None, description=_INSTALLATION)
    known_hosts: str = Field(default="", description=_KNOWN_HOSTS)
    push_secret: SecretStr | None = Field(default=None, description=_PUSH_SECRET)
    sync_interval_seconds: int | None = Field(default=None, description=_INTERVAL)
    is_enabled: bool = Field(default=True, description="Whether it is synced.")

    def draft(self) -> RepositoryDraft:
        """Return what the service takes."""
        return RepositoryDraft(
            name=self.name,
            url=self.url,
            branch=self.branch,
            subdir=self.subdir,
            authentication=self.authentication,
            username=self.username,
            token=_plain(self.token),
            github_app=self.github_app,
            installation_id=self.installation_id,
            known_hosts=self.known_hosts,
            push_secret=_plain(self.push_secret),
            sync_interval_seconds=self.sync_interval_seconds,
            is_enabled=self.is_enabled,
        )


class ChangeRepository(BaseModel):
    """What to change; what is left out stays. A URL on another host drops the stored credential."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(default="", description=_URL)
    branch: str | None = Field(default=None, description=_BRANCH)
    subdir: str = Field(default="", description=_SUBDIR)
    authentication: Authentication = Field(
        default=Authentication.NONE, description="Another one needs its credential along with it."
    )
    username: str | None = Field(default=None, description=_USERNAME)
    token: SecretStr | None = Field(default=None, description="A new password for HTTPS.")
    github_app: str | None = Field(default=None, description="Name of a GitHub App of /api/github-apps.")
    installation_id: int | None = Field(default=None, description=_INSTALLATION)
    known_hosts: str = Field(default="", description=_KNOWN_HOSTS)
    push_secret: SecretStr | None = Field(default=None, description=_PUSH_SECRET)
    sync_interval_seconds: int | None = Field(default=None, description=_INTERVAL)
    is_enabled: bool = Field(default=True, description="Whether it is synced.")

    def changes(self) -> RepositoryChanges:
        """Return what was named."""
        named = cast(RepositoryChanges, self.model_dump(exclude_unset=True, exclude={"token", "push_secret"}))
        if self.token is not None:
            named["token"] = _plain(self.token)
        if "push_secret" in self.model_fields_set:
            named["push_secret"] = _plain(self.push_secret)
        return named


class HostKeyView(BaseModel):
    """A key by which an SSH server shows who it is."""

    model_config = ConfigDict(from_attributes=True)

    type: str
    fingerprint: str = Field(description="`SHA256:…`, as ssh shows it and Git hosts publish it.")
    line: str = Field(description="As in known_hosts.")


class HostKeyList(BaseModel):
    """The host keys that a server shows. They are nothing to rely on before somebody has compared them."""

    host_keys: list[HostKeyView]

    @classmethod
    def of(cls, keys: list[HostKey]) -> Self:
        """Put the keys on the wire."""
        return cls(host_keys=[HostKeyView.model_validate(key) for key in keys])


class PinHostKeys(BaseModel):
    """The host keys that somebody has compared."""

    model_config = ConfigDict(extra="forbid")

    fingerprints: set[str] = Field(min_length=1, max_length=20)


class RepositoryCheck(BaseModel):
    """What a repository's host answered."""

    branches: list[str] = Field(description="The default one comes first.")


class RepositoryView(BaseModel):
    """A Git repository that pipelines come from."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    origin: RepositoryOrigin = Field(description="settings: the API can't change it.")
    is_enabled: bool
    url: str
    branch: str | None
    subdir: str
    authentication: Authentication
    username: str | None
    has_secret: bool = Field(description="Whether a token or a deploy key is stored.")
    public_key: str | None = Field(description="The deploy key, to be entered at the Git host for reading.")
    github_app: str | None
    installation_id: int | None
    host_keys: list[HostKeyView] = Field(description="The SSH host keys that are accepted.")
    has_push_secret: bool = Field(description="Whether push webhooks are taken.")
    sync_interval_seconds: int | None
    commit: str | None = Field(description="The one whose pipelines are in use.")
    commit_at: datetime | None
    commit_author: str | None
    commit_subject: str | None
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, row: RepositoryRow) -> Self:
        """Show a repository without its credentials."""
        return cls.model_validate(
            {
                **row.model_dump(exclude={"secret", "push_secret", "known_hosts"}),
                "has_secret": row.secret is not None,
                "has_push_secret": row.push_secret is not None,
                "host_keys": [HostKeyView.model_validate(key) for key in parse_known_hosts(row.known_hosts)],
            }
        )


class RepositoryList(BaseModel):
    """All repositories in their order: of two pipelines with one name the first repository's counts."""

    repositories: list[RepositoryView]


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None
