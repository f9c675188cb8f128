"""Git repositories: add, look at, change, delete; their keys."""

from typing import Annotated

from fastapi import APIRouter, Path

from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.schemas.repositories import (
    ChangeRepository,
    CreateRepository,
    HostKeyList,
    PinHostKeys,
    RepositoryCheck,
    RepositoryList,
    RepositoryView,
)

router = APIRouter(prefix="/api/repositories", tags=["repositories"], route_class=GuardedRoute)

Name = Annotated[str, Path(description="The repository's name.")]


@router.get("")
async def list_repositories(services: UseServices) -> RepositoryList:
    """List the Git repositories that pipelines come from."""
    rows = await services.repositories.every()
    return RepositoryList(repositories=[RepositoryView.of(row) for row in rows])


@router.post("", status_code=201, responses=problems(409, 422))
async def create_repository(body: CreateRepository, services: UseServices) -> RepositoryView:
    """Add a repository. With a deploy key, the answer has its public half; enter it at the Git host."""
    return RepositoryView.of(await services.repositories.create(body.draft()))


@router.get("/{name}", responses=problems(404))
async def get_repository(name: Name, services: UseServices) -> RepositoryView:
    """Look at one repository."""
    return RepositoryView.of(await services.repositories.get(name))


@router.patch("/{name}", responses=problems(404, 409, 422))
async def change_repository(name: Name, body: ChangeRepository, services: UseServices) -> RepositoryView:
    """Change what is named. A URL on another host drops the credential and the pinned host keys."""
    return RepositoryView.of(await services.repositories.change(name, body.changes()))


@router.delete("/{name}", responses=problems(404, 409))
async def delete_repository(name: Name, services: UseServices) -> RepositoryView:
    """Delete a repository; return what it was. Its pipelines vanish; their runs stay."""
    return RepositoryView.of(await services.repositories.remove(name))


@router.post("/{name}/check", responses=problems(403, 404, 422, 503))
async def check_repository(name: Name, services: UseServices) -> RepositoryCheck:
    """Ask the Git host for the branches, with the credential that a sync would use."""
    return RepositoryCheck(branches=await services.repositories.doors.check(name))


@router.get("/{name}/host-keys", responses=problems(404, 409, 422, 503))
async def list_host_keys(name: Name, services: UseServices) -> HostKeyList:
    """Ask the SSH server which host keys it has; compare them with what the Git host publishes."""
    return HostKeyList.of(await services.repositories.keys.shown(name))


@router.post("/{name}/host-keys", responses=problems(404, 409, 422, 503))
async def pin_host_keys(name: Name, body: PinHostKeys, services: UseServices) -> RepositoryView:
    """Accept exactly these host keys from now on. The server is asked again: it has to show them."""
    return RepositoryView.of(await services.repositories.keys.pin(name, body.fingerprints))


@router.post("/{name}/deploy-key", responses=problems(404, 409))
async def renew_deploy_key(name: Name, services: UseServices) -> RepositoryView:
    """Make a new deploy key. The old one is lost at once; enter the new one at the Git host."""
    return RepositoryView.of(await services.repositories.keys.renew(name))
