"""`fastflow graph`, and what `show` and `pipelines` tell of the neighbours."""

import json

import pytest

from fastflow.cli.exit_codes import ExitCode
from tests.cli.conftest import Console
from tests.cli.live_server import LiveServer


def put(live_server: LiveServer, name: str, *triggers: dict[str, object], enabled: bool = True) -> None:
    manifest = {"enabled": enabled, "downstream_triggers": list(triggers)}
    live_server.source.put(name, manifest=json.dumps(manifest))


def test_what_follows_what_is_a_tree_with_the_conditions(live_server: LiveServer, console: Console) -> None:
    put(
        live_server,
        "extract",
        {"pipeline": "load"},
        {"pipeline": "alert", "on_success": False, "on_failure": True, "on_route": ["late", "empty"]},
    )
    put(live_server, "load", {"pipeline": "gone"})
    put(live_server, "alert", enabled=False)
    put(live_server, "alone")
    live_server.scan()
    assert console("graph").stdout.splitlines() == [
        "extract",
        "├─ success → load",
        "│  └─ success → gone (no such pipeline)",
        "└─ failure, route late or empty → alert (disabled)",
        "",
        "neither starts nor follows another: alone",
    ]


def test_a_circle_is_marked_and_named(live_server: LiveServer, console: Console) -> None:
    put(live_server, "a", {"pipeline": "b"})
    put(live_server, "b", {"pipeline": "a"}, {"pipeline": "c"})
    put(live_server, "c")
    put(live_server, "before", {"pipeline": "b"})
    live_server.scan()
    assert console("graph").stdout.splitlines() == [
        "before",
        "└─ success → b",
        "   ├─ success → a",
        "   │  └─ success → b ↺ goes round",
        "   └─ success → c",
        "",
        "goes round: a → b → a",
    ]


def test_a_circle_that_nothing_leads_into_is_shown_too(live_server: LiveServer, console: Console) -> None:
    put(live_server, "b", {"pipeline": "a"})
    put(live_server, "a", {"pipeline": "b"})
    live_server.scan()
    assert console("graph").stdout.splitlines()[:3] == [
        "a",
        "└─ success → b",
        "   └─ success → a ↺ goes round",
    ]


def test_what_follows_two_pipelines_is_written_out_once(live_server: LiveServer, console: Console) -> None:
    put(live_server, "one", {"pipeline": "both"})
    put(live_server, "two", {"pipeline": "both"})
    put(live_server, "both", {"pipeline": "last"})
    put(live_server, "last")
    live_server.scan()
    assert console("graph").stdout.splitlines() == [
        "one",
        "└─ success → both",
        "   └─ success → last",
        "two",
        "└─ success → both … as above",
    ]


def test_a_chain_of_a_thousand_pipelines_is_shown(live_server: LiveServer, console: Console) -> None:
    for number in range(1000):
        put(live_server, f"p{number:04}", {"pipeline": f"p{number + 1:04}"})
    live_server.scan()
    assert len(console("graph").stdout.splitlines()) == 1001


def test_nothing_chained_is_said_beside_the_result(live_server: LiveServer, console: Console) -> None:
    put(live_server, "alone")
    live_server.scan()
    shown = console("graph")
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "downstream_triggers" in shown.stderr


def test_the_graph_is_printed_for_graphviz_and_for_programs(
    live_server: LiveServer, console: Console
) -> None:
    put(live_server, "extract", {"pipeline": "load", "run_config_id": "small"})
    put(live_server, "load", enabled=False)
    live_server.scan()
    assert console("graph", "--dot").stdout.splitlines() == [
        "digraph pipelines {",
        "  rankdir=LR;",
        '  "extract";',
        '  "load" [style=dashed];',
        '  "extract" -> "load" [label="success, as small"];',
        "}",
    ]
    assert console("graph", "--json").json["edges"][0]["from"] == "extract"
    assert console("graph", "--json", "--dot").exit_code == ExitCode.USAGE


def test_a_run_shows_why_it_exists_and_what_it_started(live_server: LiveServer, console: Console) -> None:
    put(live_server, "extract", {"pipeline": "load"})
    put(live_server, "load")
    live_server.executor.script("extract", exit_code=0)
    first = console("trigger", "extract", "--wait", "--json").json["id"]
    second = live_server.newest_started("load")
    shown = console("show", first).stdout
    assert "Started over the API." in shown
    assert f"{second} of load, " in shown
    followed = console("show", second).stdout
    assert f"Run {first} of extract ended as SUCCESS." in followed
    assert [line.split() for line in followed.splitlines() if line.startswith("follows")] == [
        ["follows", first]
    ]


@pytest.mark.parametrize(("name", "line"), [("extract", "starts load"), ("load", "starts after extract")])
def test_a_pipeline_shows_its_neighbours(
    live_server: LiveServer, console: Console, name: str, line: str
) -> None:
    put(live_server, "extract", {"pipeline": "load"})
    put(live_server, "load")
    live_server.scan()
    lines = [" ".join(line.split()) for line in console("pipelines", name).stdout.splitlines()]
    assert line in lines
