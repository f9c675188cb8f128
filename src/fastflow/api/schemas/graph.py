"""The graph of pipelines on the wire."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from fastflow.domain.graph import Edge, Graph


class GraphPipelineView(BaseModel):
    """A pipeline, as the graph shows it."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    is_valid: bool
    is_enabled: bool


class GraphEdgeView(BaseModel):
    """One pipeline starts another: an entry of its `downstream_triggers`."""

    model_config = ConfigDict(serialize_by_alias=True)

    upstream: str = Field(serialization_alias="from", description="The pipeline whose run ends.")
    downstream: str = Field(serialization_alias="to", description="The pipeline that is started then.")
    on_success: bool
    on_failure: bool
    on_routes: list[str] | None = Field(description="Only after a run that chose one of these; null: any.")
    run_config_id: str | None
    is_known: bool = Field(description="false: there is no pipeline of that name to start.")

    @classmethod
    def of(cls, edge: Edge) -> Self:
        """Take over an edge."""
        return cls(
            upstream=edge.upstream,
            downstream=edge.downstream,
            on_success=edge.on_success,
            on_failure=edge.on_failure,
            on_routes=None if edge.on_routes is None else list(edge.on_routes),
            run_config_id=edge.run_config_id,
            is_known=edge.is_known,
        )


class GraphView(BaseModel):
    """Which pipeline starts which."""

    pipelines: list[GraphPipelineView]
    edges: list[GraphEdgeView]
    cycles: list[list[str]] = Field(
        description="Each from its first name back to it. Each edge of a cycle is part of one that is listed."
    )

    @classmethod
    def of(cls, graph: Graph) -> Self:
        """Put the view together."""
        return cls(
            pipelines=[GraphPipelineView.model_validate(node) for node in graph.nodes],
            edges=[GraphEdgeView.of(edge) for edge in graph.edges],
            cycles=[list(cycle) for cycle in graph.cycles],
        )
