"""Says who may call which route, in one table, and enforces it before anything of a request is read.

Every operation stands in `ACCESS` and every entry is an operation: `check_table` fails the start
otherwise. The routers make their routes of `GuardedRoute`, the one place that enforces the table.
"""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from enum import Enum
from typing import Any, Final

from fastapi import Request
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.responses import Response
from starlette.routing import BaseRoute

from fastflow.api.bodies import JsonRequest
from fastflow.domain.actor import SYSTEM, Actor, ActorKind, acting
from fastflow.domain.role import Role


class Open(Enum):
    """Why an operation asks nobody for a role."""

    PUBLIC = "public"
    """It tells and changes nothing that is worth guarding, or it is the way to a credential."""
    OWN_CREDENTIAL = "own credential"
    """It brings a key or a signature that opens nothing else; its service looks at that."""


Needed = Role | Open

ACCESS: Final[Mapping[str, Needed]] = {
    "openapi": Open.PUBLIC,
    "get_start_page": Open.PUBLIC,
    "get_health": Open.PUBLIC,
    "get_readiness": Open.PUBLIC,
    "get_manifest_schema": Open.PUBLIC,
    "deliver_webhook": Open.OWN_CREDENTIAL,
    "deliver_push": Open.OWN_CREDENTIAL,
    # System
    "get_metrics": Role.VIEWER,
    "get_settings": Role.ADMIN,
    "stream_events": Role.VIEWER,
    # Audit log
    "list_audit": Role.ADMIN,
    "export_audit": Role.ADMIN,
    "verify_audit": Role.ADMIN,
    # Pipelines
    "list_pipelines": Role.VIEWER,
    "get_pipeline": Role.VIEWER,
    "get_graph": Role.VIEWER,
    "start_run": Role.OPERATOR,
    # Runs
    "list_runs": Role.VIEWER,
    "get_run": Role.VIEWER,
    "read_log": Role.VIEWER,
    "download_log": Role.VIEWER,
    "stream_log": Role.VIEWER,
    "read_metrics": Role.VIEWER,
    "stream_metrics": Role.VIEWER,
    "cancel_run": Role.OPERATOR,
    "retry_run": Role.OPERATOR,
    # Schedules
    "list_schedules": Role.VIEWER,
    "list_upcoming": Role.VIEWER,
    "get_schedule": Role.VIEWER,
    "list_next": Role.VIEWER,
    "list_occurrences": Role.VIEWER,
    "explain_minute": Role.VIEWER,
    "create_schedule": Role.EDITOR,
    "change_schedule": Role.EDITOR,
    "delete_schedule": Role.EDITOR,
    "pause_schedule": Role.EDITOR,
    "resume_schedule": Role.EDITOR,
    # Webhooks
    "list_pipeline_deliveries": Role.VIEWER,
    "list_repository_deliveries": Role.VIEWER,
    "list_webhook_keys": Role.EDITOR,
    "create_webhook_key": Role.EDITOR,
    "change_webhook_key": Role.EDITOR,
    "revoke_webhook_key": Role.EDITOR,
    # Secrets
    "list_secrets": Role.OPERATOR,
    "put_secret": Role.EDITOR,
    "delete_secret": Role.EDITOR,
    "encrypt_secret": Role.EDITOR,
    # Repositories
    "list_repositories": Role.VIEWER,
    "get_repository": Role.VIEWER,
    "create_repository": Role.EDITOR,
    "change_repository": Role.EDITOR,
    "delete_repository": Role.EDITOR,
    "check_repository": Role.EDITOR,
    "list_host_keys": Role.EDITOR,
    "pin_host_keys": Role.EDITOR,
    "renew_deploy_key": Role.EDITOR,
    "list_github_apps": Role.VIEWER,
    "create_github_app": Role.EDITOR,
    "delete_github_app": Role.EDITOR,
    "list_installations": Role.EDITOR,
    # Syncs
    "get_sync_status": Role.VIEWER,
    "list_syncs": Role.VIEWER,
    "get_sync": Role.VIEWER,
    "start_sync": Role.EDITOR,
}
"""What each operation needs, by the name of its function."""


class GuardedRoute(APIRoute):
    """A route that lets nobody in whom the table does not; for the length of a call it says who acts."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Put the check in front of all that FastAPI does with a request, reading its body included."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            before = acting.set(_actor(request, ACCESS[self.name]))
            try:
                return await handle(JsonRequest(request.scope, request.receive))
            finally:
                acting.reset(before)

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


def _actor(request: Request, needed: Needed) -> Actor:
    """Return who acts."""
    address = request.client.host if request.client is not None else None
    if needed is Open.PUBLIC:
        return Actor(SYSTEM.kind, SYSTEM.name, address=address)
    if needed is Open.OWN_CREDENTIAL:
        return Actor(ActorKind.WEBHOOK, "webhook", address=address)
    return Actor(ActorKind.LOCAL, "local", Role.ADMIN, address=address)
