"""Reads the repository and the GitHub App of the settings."""

import re
from dataclasses import dataclass
from typing import Final

from fastflow.domain.errors import Invalid
from fastflow.domain.git_url import parse_url
from fastflow.domain.repository import GitHubApp
from fastflow.main.secret_settings import content_of, secret_of, settings_invalid
from fastflow.services.github_apps import checked_app
from fastflow.services.repository_drafts import RepositoryDraft, check_app_fits, checked
from fastflow.settings import Settings

APP_NAME: Final = "settings"
_SETTINGS: Final = {
    "url": "GIT_REPO_URL",
    "branch": "GIT_BRANCH",
    "subdir": "PIPELINES_SUBDIR",
    "username": "GIT_USERNAME",
    "token": "GIT_TOKEN",
    "known_hosts": "GIT_KNOWN_HOSTS",
    "push_secret": "GIT_PUSH_SECRET",
    "github_app": "GITHUB_APP_ID",
    "app_id": "GITHUB_APP_ID",
    "private_key": "GITHUB_APP_PRIVATE_KEY_FILE",
    "installation_id": "GITHUB_APP_INSTALLATION_ID",
    "api_url": "GITHUB_API_URL",
}


@dataclass(frozen=True, slots=True)
class Configured:
    """What the settings ask for."""

    repositories: tuple[RepositoryDraft, ...] = ()
    apps: tuple[GitHubApp, ...] = ()


def configured(settings: Settings) -> Configured:
    """Read the settings and the files that they name. Blocks on files.

    Raises:
        Invalid: `settings_invalid`; names each setting with what is wrong.
    """
    protocols = allowed_protocols(settings)
    try:
        app = _app(settings, protocols)
        apps = (app,) if app is not None else ()
        if not settings.git_repo_url:
            return Configured((), apps)
        draft = checked(_draft(settings, app), protocols)
        if app is not None:
            check_app_fits(draft, app.api_url)
    except Invalid as error:
        if error.code == "settings_invalid":
            raise
        raise settings_invalid(
            {_SETTINGS.get(field, field): str(problem) for field, problem in error.fields.items()}
        ) from None
    return Configured((draft,), apps)


def allowed_protocols(settings: Settings) -> frozenset[str]:
    """Return what repositories may be fetched by."""
    named = (protocol.strip() for protocol in settings.git_allowed_protocols.split(","))
    return frozenset(protocol for protocol in named if protocol)


def _draft(settings: Settings, app: GitHubApp | None) -> RepositoryDraft:
    return RepositoryDraft(
        name=_name(settings.git_repo_url),
        url=settings.git_repo_url,
        branch=settings.git_branch.strip() or None,
        subdir=settings.pipelines_subdir,
        username=settings.git_username.strip() or None,
        token=_token(settings),
        github_app=app.name if app is not None else None,
        installation_id=settings.github_app_installation_id,
        known_hosts=settings.git_known_hosts,
        push_secret=settings.git_push_secret.get_secret_value() or None,
    )


def _name(url: str) -> str:
    """Return what the repository is called: the URL's last part, as far as that makes a name."""
    try:
        path = parse_url(url.strip()).path
    except Invalid:
        return "pipelines"  # the check says what is wrong with the URL
    last = path.rstrip("/").rpartition("/")[2].removesuffix(".git").lower()
    name = re.sub(r"[^a-z0-9_-]+", "-", last).strip("-_")
    return name[:32] or "pipelines"


def _token(settings: Settings) -> str | None:
    return secret_of(settings, "git_token") or None


def _app(settings: Settings, protocols: frozenset[str]) -> GitHubApp | None:
    app_id, file = settings.github_app_id.strip(), settings.github_app_private_key_file
    if not app_id and file is None:
        return None
    if not app_id:
        raise settings_invalid(
            {"GITHUB_APP_ID": "is missing; GITHUB_APP_PRIVATE_KEY_FILE is of no use without it"}
        )
    if file is None:
        raise settings_invalid(
            {"GITHUB_APP_PRIVATE_KEY_FILE": "is missing; name the PEM file that GitHub gave"}
        )
    key = content_of("GITHUB_APP_PRIVATE_KEY_FILE", file)
    app = GitHubApp(APP_NAME, app_id, settings.github_api_url, key, may_be_private=True)
    return checked_app(app, protocols)
