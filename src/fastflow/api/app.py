"""Puts the HTTP API together."""

from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from fastflow.api import errors
from fastflow.api.access import ACCESS, Open
from fastflow.api.allowed_hosts import AllowedHosts
from fastflow.api.deps import Services
from fastflow.api.guard import check_table
from fastflow.api.local_only import LocalOnly
from fastflow.api.request_limits import RequestLimits
from fastflow.api.response_headers import SafeAnswers
from fastflow.api.routes import (
    about,
    audit,
    auth,
    console_sign_in,
    downloads,
    environments,
    events,
    github_apps,
    graph,
    identities,
    logs,
    metrics,
    overview,
    pages,
    pipeline_pages,
    pipelines,
    provider_sign_in,
    push,
    repositories,
    runs,
    schedules,
    secrets,
    sync,
    system,
    tokens,
    users,
    webhooks,
)
from fastflow.domain.events import Event

_ABOUT = (
    "Runs plain Python folders in fresh containers. Errors are `application/problem+json` with a stable "
    "`code`. Streams are Server-Sent Events and resume by `Last-Event-ID`."
)


_BEARER: Final = "bearer"
_ROUTERS: Final = (
    auth,
    provider_sign_in,
    console_sign_in,
    identities,
    users,
    tokens,
    overview,
    pipelines,
    pipeline_pages,
    graph,
    runs,
    schedules,
    logs,
    downloads,
    metrics,
    events,
    repositories,
    github_apps,
    sync,
    webhooks,
    push,
    secrets,
    environments,
    audit,
    about,
    system,
    pages,  # the last: it answers to every address that is none of the API's
)


class _Walled(FastAPI):
    """An app whose walls stand around all of it: its answers to errors of its own pass them too."""

    is_https = False

    def build_middleware_stack(self) -> ASGIApp:
        return SafeAnswers(RequestLimits(super().build_middleware_stack()), is_https=self.is_https)


def create_app(
    services: Services,
    *,
    is_https: bool = False,
    hosts: frozenset[str] = frozenset(),
    built_pages: Path = pages.BUILT,
) -> FastAPI:
    """Return the API on top of these services.

    `is_https` says that browsers come by TLS only, whatever the proxy in front tells of them. `hosts` are
    the server's names beside loopback; `built_pages` is the folder of the web app.
    """
    app = _Walled(
        title="Fast-Flow",
        description=_ABOUT,
        version=system.VERSION,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere, into an origin that can start runs
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.is_https = is_https
    app.state.services = services
    app.state.is_https = is_https
    app.state.page_files = pages.PageFiles(built_pages)

    # Not asked for before the first request: the API can be described without services behind it.
    async def is_open() -> bool:
        return await services.accounts.credentials.is_open()

    app.add_middleware(LocalOnly, is_open=is_open)
    app.add_middleware(AllowedHosts, hosts=hosts, is_open=is_open)
    errors.install(app)
    for router in _ROUTERS:
        app.include_router(router.router)
    check_table(app.routes)
    _complete_description(app)
    return app


def _operation_id(route: APIRoute) -> str:
    """Name operations by their function, so that generated clients read well."""
    return route.name


def _complete_description(app: FastAPI) -> None:
    """Add to the schema what no route says of itself: the problem document, and who may call it."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        schema = make()
        components = schema.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        for model in (errors.Problem, Event):  # the second is what the stream of events carries
            described = model.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(described.pop("$defs", {}) | {model.__name__: described})
        components["securitySchemes"] = {
            _BEARER: {
                "type": "http",
                "scheme": "bearer",
                "description": "An access token of /api/auth/login, or an API token.",
            }
        }
        for operations in schema["paths"].values():
            for operation in operations.values():
                _describe_access(operation)
        return schema

    app.openapi = openapi


def _describe_access(operation: dict[str, Any]) -> None:
    for status, response in errors.problems(400, 421).items():  # by request_limits.py, allowed_hosts.py
        operation["responses"].setdefault(str(status), response)
    needed = ACCESS[operation["operationId"]]
    if needed in {Open.PUBLIC, Open.OWN_CREDENTIAL}:
        return
    operation["security"] = [{_BEARER: []}]
    operation["x-role"] = needed.value
    for status, response in errors.problems(401, 403).items():
        operation["responses"].setdefault(str(status), response)
