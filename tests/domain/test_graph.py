"""The graph of pipelines: its edges, its cycles, what it names in vain."""

from fastflow.domain.graph import Graph, Node, Surroundings, graph_of
from fastflow.domain.manifest import DownstreamTrigger


def graph(**follows: str) -> Graph:
    """Return the graph in which each pipeline starts those named, by blanks apart."""
    return graph_of(
        Node(name, True, True, tuple(DownstreamTrigger(pipeline=n) for n in names.split()))
        for name, names in follows.items()
    )


def test_each_trigger_is_an_edge_in_the_order_of_names_and_of_the_manifest() -> None:
    edges = graph(b="c a", a="c", c="").edges
    assert [(e.upstream, e.downstream, e.index) for e in edges] == [
        ("a", "c", 0),
        ("b", "c", 0),
        ("b", "a", 1),
    ]


def test_an_edge_shows_when_and_with_which_settings_it_starts() -> None:
    trigger = DownstreamTrigger(
        pipeline="b", on_success=False, on_failure=True, on_route="big", run_config_id="nightly"
    )
    (edge,) = graph_of([Node("a", True, True, (trigger,))]).edges
    assert (edge.on_success, edge.on_failure, edge.on_routes) == (False, True, ("big",))
    assert (edge.run_config_id, edge.is_known) == ("nightly", False)


def test_each_pipeline_knows_what_starts_it_and_what_it_starts() -> None:
    whole = graph(a="b c", b="c", c="")
    assert whole.around("b") == Surroundings(upstream=("a",), downstream=("c",))
    assert whole.around("c").upstream == ("a", "b")
    assert whole.around("nosuch") == Surroundings()


def test_two_triggers_for_one_pipeline_are_two_edges_and_one_neighbour() -> None:
    whole = graph(a="b b", b="")
    assert len(whole.edges) == 2
    assert whole.around("a").downstream == ("b",)


def test_a_trigger_for_a_pipeline_that_does_not_exist_is_a_warning_with_its_place() -> None:
    whole = graph(a="b nosuch", b="")
    (warning,) = whole.around("a").warnings
    assert str(warning) == (
        "downstream_triggers[1].pipeline: there is no pipeline 'nosuch' to start. "
        "Add it, or correct the name."
    )
    assert [edge.is_known for edge in whole.edges] == [True, False]


def test_a_cycle_is_a_warning_at_each_pipeline_that_is_part_of_it() -> None:
    whole = graph(a="b", b="c", c="b", d="")
    assert whole.cycles == (("b", "c", "b"),)
    assert whole.around("a").warnings == ()
    for name in "bc":
        (warning,) = whole.around(name).warnings
        assert warning.message == "it leads back to itself: b → c → b"


def test_a_pipeline_that_starts_itself_is_a_cycle() -> None:
    whole = graph(a="a")
    assert whole.cycles == (("a", "a"),)
    assert "a → a" in whole.around("a").warnings[0].message
