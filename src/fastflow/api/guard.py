"""Enforces the table of access, before anything else of a request is read."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import aclosing
from typing import Any, cast

from fastapi import Request
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute

from fastflow.api.access import ACCESS, SCOPES, Needed, Open, Scope
from fastflow.api.bodies import JsonRequest
from fastflow.api.caller import address_of
from fastflow.api.deps import Services
from fastflow.domain.actor import SYSTEM, Actor, ActorKind, acting
from fastflow.domain.errors import Forbidden, NotFound
from fastflow.services.credentials import Admitted, Credentials


class GuardedRoute(APIRoute):
    """A route that lets nobody in whom the table does not; for the length of a call it says who acts."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Put the check in front of all that FastAPI does with a request, reading its body included."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            services: Services = request.app.state.services
            admitted = await _admitted(request, services, self.name)
            before = acting.set(admitted.actor)
            try:
                response = await handle(JsonRequest(request.scope, request.receive))
            finally:
                acting.reset(before)
            if isinstance(response, StreamingResponse) and admitted.actor.role is not None:
                chunks = cast("AsyncIterator[bytes]", response.body_iterator)
                response.body_iterator = while_it_holds(chunks, services.accounts.credentials, admitted.key)
            return response

        return guarded


def check_table(routes: Iterable[BaseRoute], access: Mapping[str, Needed] = ACCESS) -> None:
    """Refuse to start with a route that the table does not know, or the table with one that there is not.

    Raises:
        ValueError: names each of them.
    """
    found = list(iter_route_contexts(list(routes)))
    names = {str(each.name) for each in found}
    problems = [f"{name} is in no line of api/access.py" for name in sorted(names - access.keys())]
    problems += [f"{name} in api/access.py is no route" for name in sorted(access.keys() - names)]
    problems += [
        f"{each.name} is no GuardedRoute; give its router route_class=GuardedRoute"
        for each in found
        if not isinstance(each.original_route, GuardedRoute) and access.get(str(each.name)) is not Open.PUBLIC
    ]
    if problems:
        raise ValueError("; ".join(problems))


async def _admitted(request: Request, services: Services, operation: str) -> Admitted:
    """Return who calls, if they may.

    Raises:
        Unauthenticated: as `Credentials.admit`.
        Forbidden: `role_too_low`, `not_for_tokens`, `outside_scope`.
        NotFound: `run_not_found`, `schedule_not_found`; of another pipeline than the credential's.
    """
    needed = ACCESS[operation]
    address = address_of(request)
    if needed is Open.PUBLIC:
        return Admitted(Actor(SYSTEM.kind, SYSTEM.name, address=address), None)
    if needed is Open.OWN_CREDENTIAL:
        return Admitted(Actor(ActorKind.WEBHOOK, operation, address=address), None)
    admitted = await services.accounts.credentials.admit(request.headers.get("authorization"), address)
    _refuse_role(admitted.actor, needed)
    if admitted.actor.pipelines is not None:
        await _refuse_other_pipelines(admitted.actor, operation, request.path_params, services)
    return admitted


def _refuse_role(actor: Actor, needed: Needed) -> None:
    if isinstance(needed, Open):
        if actor.kind is ActorKind.TOKEN:
            raise Forbidden("not_for_tokens", "An API token can't do this: sign in as yourself.")
    elif actor.role is None or not actor.role.includes(needed):
        raise Forbidden(
            "role_too_low",
            f"This needs the role {needed}; {actor.name} is {actor.role}. An administrator can change that.",
            {"needed": needed, "role": actor.role},
        )


async def _refuse_other_pipelines(
    actor: Actor, operation: str, path: Mapping[str, Any], services: Services
) -> None:
    scope = SCOPES.get(operation)
    if scope is Scope.NARROWED:
        return
    if scope is Scope.RUN:
        run = (await services.runs.get(path["run_id"])).run
        if not actor.may_see(run.pipeline_name):
            raise NotFound("run_not_found", f"There is no run {run.id!r}.", {"run_id": run.id})
    elif scope is Scope.SCHEDULE:
        schedule = (await services.schedules.get(path["schedule_id"])).row
        if not actor.may_see(schedule.pipeline_name):
            raise NotFound("schedule_not_found", f"There is no schedule {schedule.id!r}.")
    elif scope is None or not actor.may_see(path["name"]):
        names = ", ".join(sorted(actor.pipelines or ()))
        raise Forbidden("outside_scope", f"This token is for {names} and nothing else.", {"pipelines": names})


async def while_it_holds(
    chunks: AsyncIterator[bytes], credentials: Credentials, key: str | None
) -> AsyncGenerator[bytes]:
    """Yield the chunks until they end or the credential does: nothing is sent to who was signed out."""
    async with aclosing(cast("AsyncGenerator[bytes]", chunks)) as open_chunks:
        async for chunk in open_chunks:
            if not await credentials.holds(key):
                return
            yield chunk
