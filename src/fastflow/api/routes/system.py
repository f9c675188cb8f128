"""The server itself: health, readiness, figures, settings."""

import asyncio
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from fastflow.api.deps import UseServices
from fastflow.api.guard import GuardedRoute
from fastflow.api.prometheus import OwnFigures, exposition
from fastflow.api.schemas.system import CheckView, HealthView, ReadyView, SettingsView

router = APIRouter(tags=["system"], route_class=GuardedRoute)

VERSION = version("fastflow-orchestrator")


@router.get("/health")
async def get_health() -> HealthView:
    """Say that the server answers; touches nothing else."""
    return HealthView(version=VERSION)


@router.get("/ready", responses={503: {"model": ReadyView, "description": "Not ready yet."}})
async def get_readiness(services: UseServices) -> Response:
    """Say whether runs can be started, with what, and what is missing where not."""
    checks = await services.system.checks()
    view = ReadyView(
        is_ready=all(check.is_ready for check in checks if check.is_needed),
        executor=services.system.executor.name,
        is_isolating=services.system.executor.is_isolating,
        checks=[CheckView.model_validate(check, from_attributes=True) for check in checks],
    )
    return JSONResponse(view.model_dump(mode="json"), 200 if view.is_ready else 503)


_EXPOSITION: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/plain": {"schema": {"type": "string"}}},
        "description": "Prometheus' text format.",
    }
}


@router.get("/metrics", responses=_EXPOSITION, response_class=Response)
async def get_metrics(services: UseServices) -> Response:
    """Figures for Prometheus."""
    load = await services.system.load()
    sums = await services.statistics.by_pipeline()
    own = OwnFigures(load, sums, services.system.figures, VERSION)
    body, media_type = await asyncio.to_thread(exposition, own)
    return Response(body, media_type=media_type)


@router.get("/api/settings")
async def get_settings(services: UseServices) -> SettingsView:
    """List the settings in force. Secrets are not shown."""
    return SettingsView(settings=list(services.settings))
