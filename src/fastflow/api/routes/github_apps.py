"""GitHub Apps: add, list, delete, see where they are installed."""

from typing import Annotated

from fastapi import APIRouter, Path

from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.schemas.github_apps import (
    CreateGitHubApp,
    GitHubAppList,
    GitHubAppView,
    InstallationList,
    InstallationView,
)

router = APIRouter(prefix="/api/github-apps", tags=["repositories"], route_class=GuardedRoute)

Name = Annotated[str, Path(description="The App's name here.")]


@router.get("")
async def list_github_apps(services: UseServices) -> GitHubAppList:
    """List the GitHub Apps that open repositories."""
    rows = await services.github_apps.every()
    return GitHubAppList(github_apps=[GitHubAppView.model_validate(row) for row in rows])


@router.post("", status_code=201, responses=problems(409, 422))
async def create_github_app(body: CreateGitHubApp, services: UseServices) -> GitHubAppView:
    """Add a GitHub App."""
    return GitHubAppView.model_validate(await services.github_apps.create(body.app()))


@router.delete("/{name}", responses=problems(404, 409))
async def delete_github_app(name: Name, services: UseServices) -> GitHubAppView:
    """Delete a GitHub App that opens no repository; return what it was."""
    return GitHubAppView.model_validate(await services.github_apps.remove(name))


@router.get("/{name}/installations", responses=problems(403, 404, 422, 503))
async def list_installations(name: Name, services: UseServices) -> InstallationList:
    """Ask GitHub where the App is installed, and what it may read there."""
    found = await services.github_apps.installations(name)
    return InstallationList(installations=[InstallationView.model_validate(one) for one in found])
