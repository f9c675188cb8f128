"""Users: admit, change, remove."""

from typing import Annotated

from fastapi import APIRouter, Path

from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.schemas.accounts import ChangeUser, CreateUser, SignedOutView, UserList, UserView

router = APIRouter(prefix="/api/users", tags=["accounts"], route_class=GuardedRoute)

Name = Annotated[str, Path(description="The user's name.", max_length=200)]


@router.get("")
async def list_users(services: UseServices) -> UserList:
    """List the people who may sign in."""
    return UserList(users=[UserView.of(row) for row in await services.accounts.users.every()])


@router.post("", status_code=201, responses=problems(409, 422, 429))
async def create_user(body: CreateUser, services: UseServices) -> UserView:
    """Admit somebody. The first must be an admin: from then on everybody is asked to sign in."""
    password = body.password.get_secret_value() if body.password is not None else None
    return UserView.of(await services.accounts.users.create(body.name, body.role, password))


@router.patch("/{name}", responses=problems(404, 409, 422, 429))
async def change_user(name: Name, body: ChangeUser, services: UseServices) -> UserView:
    """Change role or password, disable or enable. It counts at once. The last admin stays one."""
    password = body.password.get_secret_value() if body.password is not None else None
    changed = await services.accounts.users.change(
        name, role=body.role, is_enabled=body.is_enabled, password=password
    )
    return UserView.of(changed)


@router.delete("/{name}", responses=problems(404, 409))
async def remove_user(name: Name, services: UseServices) -> UserView:
    """Remove somebody with sessions and tokens; return who it was. The last admin stays."""
    return UserView.of(await services.accounts.users.remove(name))


@router.post("/{name}/logout", responses=problems(404))
async def sign_user_out(name: Name, services: UseServices) -> SignedOutView:
    """Sign somebody out of all browsers and consoles."""
    user = await services.accounts.users.get(name)
    return SignedOutView(count=await services.accounts.sessions.end_all(user.id))
