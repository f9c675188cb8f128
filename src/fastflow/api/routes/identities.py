"""People whom providers vouch for: list, admit, refuse, forget."""

from typing import Annotated

from fastapi import APIRouter, Path

from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.schemas.identities import AdmitIdentity, IdentityList, IdentityView

router = APIRouter(prefix="/api/identities", tags=["accounts"], route_class=GuardedRoute)

Id = Annotated[str, Path(description="The identity's id here.")]


@router.get("", responses=problems(401, 403))
async def list_identities(services: UseServices) -> IdentityList:
    """List whom providers vouched for, the newest first: who waits, who is a user, who is refused."""
    return IdentityList(
        identities=[IdentityView.of(each) for each in await services.accounts.identities.every()]
    )


@router.post("/{identity_id}/admit", responses=problems(401, 403, 404, 409, 422))
async def admit_identity(identity_id: Id, body: AdmitIdentity, services: UseServices) -> IdentityView:
    """Make a new user of somebody, or let them be one that there is. They sign in themselves afterwards."""
    if body.role is not None:
        return IdentityView.of(await services.accounts.identities.admit(identity_id, body.role, body.name))
    return IdentityView.of(await services.accounts.identities.link(identity_id, body.user or ""))


@router.post("/{identity_id}/refuse", responses=problems(401, 403, 404, 409))
async def refuse_identity(identity_id: Id, services: UseServices) -> IdentityView:
    """Keep somebody out, whatever the settings say; where they were a user, that user is signed out."""
    return IdentityView.of(await services.accounts.identities.refuse(identity_id))


@router.delete("/{identity_id}", responses=problems(401, 403, 404, 409))
async def forget_identity(identity_id: Id, services: UseServices) -> IdentityView:
    """Make somebody a stranger again, who may ask to be admitted; return who it was."""
    return IdentityView.of(await services.accounts.identities.forget(identity_id))
