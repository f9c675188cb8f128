"""`fastflow pipelines` and `fastflow settings`."""

import pytest

from fastflow.cli.exit_codes import ExitCode
from tests.cli.conftest import Console
from tests.cli.live_server import LiveServer


def test_pipelines_are_listed_with_their_state(live_server: LiveServer, console: Console) -> None:
    live_server.source.put("fine", manifest='{"description": "Does good."}')
    live_server.source.put("broken", manifest='{"timeout": "soon"}')
    live_server.source.put("off", manifest='{"enabled": false}')
    live_server.scan()
    rows = {row.split()[0]: row for row in console("pipelines").stdout.splitlines()[1:]}
    assert "enabled" in rows["fine"]
    assert "Does good." in rows["fine"]
    assert "invalid" in rows["broken"]
    assert "disabled" in rows["off"]
    names = [pipeline["name"] for pipeline in console("pipelines", "--json").json["pipelines"]]
    assert names == sorted(rows)


def test_one_pipeline_is_shown_with_what_is_wrong_and_where(
    live_server: LiveServer, console: Console
) -> None:
    live_server.source.put("broken", manifest='{\n  "timeout": "soon"\n}')
    shown = console("pipelines", "broken").stdout
    assert "pipeline.json:2:14: error: timeout: " in shown
    assert console("pipelines", "broken", "--json").json["is_valid"] is False


def test_a_pipeline_shows_its_environment_and_what_its_schedules_do_next(
    live_server: LiveServer, console: Console
) -> None:
    live_server.source.put("report", manifest='{"schedule_cron": "30 2 * * *"}')
    live_server.scan()
    lines = [" ".join(line.split()) for line in console("pipelines", "report").stdout.splitlines()]
    assert "environment unknown" in lines
    assert "repository -" in lines
    assert lines[-1].startswith("report/default 30 2 * * * (UTC) 20")


def test_an_unknown_pipeline_is_not_found(live_server: LiveServer, console: Console) -> None:
    assert console("pipelines", "nothing").exit_code == ExitCode.NOT_FOUND


def test_settings_are_those_of_the_server(
    live_server: LiveServer, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = {setting["name"]: setting for setting in console("settings", "--json").json["settings"]}
    assert every["PORT"]["value"] == 8000
    monkeypatch.setenv("FASTFLOW_MAX_CONCURRENT_RUNS", "3")
    live_server.restart()
    (changed,) = console("settings", "--changed").stdout.splitlines()[1:]
    assert changed.split()[:2] == ["MAX_CONCURRENT_RUNS", "3"]


def test_something_else_that_listens_there_is_told_from_a_server(console: Console, other_server: str) -> None:
    ended = console("pipelines", "--server", other_server)
    assert ended.exit_code == ExitCode.UNREACHABLE
    assert "no Fast-Flow server" in ended.stderr
