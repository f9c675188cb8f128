"""The graph: which pipeline starts which."""

from fastapi import APIRouter

from fastflow.api.deps import UseServices
from fastflow.api.guard import GuardedRoute
from fastflow.api.schemas.graph import GraphView

router = APIRouter(prefix="/api", tags=["pipelines"], route_class=GuardedRoute)


@router.get("/graph")
async def get_graph(services: UseServices) -> GraphView:
    """Show how the pipelines start each other, and where that goes round in a circle."""
    return GraphView.of(await services.graph.current())
