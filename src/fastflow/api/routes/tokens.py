"""API tokens: list, make, revoke."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.routes.auth import person
from fastflow.api.schemas.accounts import CreateToken, NewTokenView, TokenList, TokenView
from fastflow.domain.errors import Forbidden
from fastflow.domain.role import Role

router = APIRouter(prefix="/api/tokens", tags=["accounts"], route_class=GuardedRoute)

TokenId = Annotated[str, Path(description="The token's id, not the token.", max_length=36)]


@router.get("", responses=problems(409))
async def list_tokens(
    services: UseServices,
    everybody: Annotated[bool, Query(description="Those of all users; for admins.")] = False,
) -> TokenList:
    """List one's own tokens; never the tokens themselves."""
    caller = person()
    if everybody and caller.role is not Role.ADMIN:
        raise Forbidden("role_too_low", "Only an admin sees the tokens of others.", {"needed": Role.ADMIN})
    found = await services.accounts.api_tokens.every(None if everybody else caller.name)
    return TokenList(tokens=[TokenView.of(token) for token in found])


@router.post("", status_code=201, responses=problems(409, 422))
async def create_token(body: CreateToken, services: UseServices) -> NewTokenView:
    """Make a token in one's own name. It is shown this once."""
    return NewTokenView.made(await services.accounts.api_tokens.create(person().name, body.wish()))


@router.delete("/{token_id}", responses=problems(404, 409))
async def revoke_token(token_id: TokenId, services: UseServices) -> TokenView:
    """End a token at once; return what it was. An admin can end those of others."""
    caller = person()
    of_user = None if caller.role is Role.ADMIN else caller.name
    return TokenView.of(await services.accounts.api_tokens.revoke(token_id, of_user))
