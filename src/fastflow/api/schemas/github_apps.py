"""GitHub Apps on the wire. Their private keys come in and never go out."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from fastflow.domain.github import PUBLIC_API
from fastflow.domain.repository import GitHubApp, RepositoryOrigin


class CreateGitHubApp(BaseModel):
    """A GitHub App to be added."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="What it is called here: 1 to 32 of a-z, 0-9, _ and -.")
    app_id: str = Field(description="Its App ID or client ID.")
    private_key: SecretStr = Field(description="The PEM file that GitHub gave; never shown again.")
    api_url: str = Field(default=PUBLIC_API, description="`https://HOST/api/v3` of an own GitHub.")

    def app(self) -> GitHubApp:
        """Return what the service takes."""
        return GitHubApp(self.name, self.app_id, self.api_url, self.private_key.get_secret_value())


class GitHubAppView(BaseModel):
    """A GitHub App that opens repositories."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    origin: RepositoryOrigin = Field(description="settings: the API can't change it.")
    app_id: str
    api_url: str
    created_at: datetime
    changed_at: datetime


class GitHubAppList(BaseModel):
    """All GitHub Apps by name."""

    github_apps: list[GitHubAppView]


class InstallationView(BaseModel):
    """Where a GitHub App is installed."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    account: str
    is_suspended: bool
    repositories: list[str] = Field(description="`owner/name` of those that it may read.")


class InstallationList(BaseModel):
    """All installations of a GitHub App."""

    installations: list[InstallationView]
