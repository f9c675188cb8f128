"""`fastflow sync`."""

from collections.abc import Callable

import pytest

from fastflow.cli.exit_codes import ExitCode
from fastflow.domain.errors import Unavailable
from tests.cli.conftest import Background, Console
from tests.cli.live_server import LiveServer

URL = "https://git.example.org/team/data.git"


@pytest.fixture
def pushed(live_server: LiveServer, console: Console) -> LiveServer:
    """A server with a repository `data`, whose first commit was synced."""
    live_server.mirrors.push(URL, {"report": {}, "old": {}}, "First")
    console("repositories", "add", "data", URL)
    assert console("sync").exit_code == 0
    return live_server


def test_a_sync_shows_what_it_changed(pushed: LiveServer, console: Console) -> None:
    schedule = '{"schedule_cron": "30 2 * * *"}'
    commit = pushed.mirrors.push(
        URL,
        {
            "report": {"main.py": "print()", "requirements.txt": "requests\n"},
            "new": {"pipeline.json": schedule},
        },
        "Second",
    )
    ended = console("sync", "data")
    assert ended.exit_code == 0
    first, *lines = ended.stdout.splitlines()
    assert first.startswith("data: ")
    assert commit[:12] in first
    assert "Second" in first
    assert lines == [
        "  + new",
        "  ~ report",
        "  - old",
        "  schedule new/default added",
        "  packages of report: +requests",
    ]
    assert console("pipelines", "new", "--json").json["commit"] == commit


def test_a_pipeline_that_can_not_be_started_is_named_with_its_problem(
    pushed: LiveServer, console: Console
) -> None:
    pushed.mirrors.push(URL, {"report": {"pipeline.json": '{"timeout": "soon"}'}, "old": {}})
    lines = console("sync").stdout.splitlines()
    assert "  ~ report" in lines
    assert any(line.startswith("  ! report: pipeline.json:1:13: ") for line in lines)


def test_a_dry_run_says_what_would_change_and_changes_nothing(pushed: LiveServer, console: Console) -> None:
    commit = pushed.mirrors.push(URL, {"report": {}}, "Drop the old one")
    planned = console("sync", "--dry-run").stdout.splitlines()
    assert planned[0].endswith(f" → {commit[:12]} by Ada: Drop the old one")
    assert planned[1:] == ["  - old"]
    assert console("pipelines", "old").exit_code == 0
    assert console("sync", "--dry-run", "--json").json["plans"][0]["changes"]["pipelines_removed"] == ["old"]
    assert console("sync", "--dry-run", "--no-wait").exit_code == ExitCode.USAGE


def test_a_sync_that_fails_says_why_and_exits_so(pushed: LiveServer, console: Console) -> None:
    pushed.mirrors.fail(URL, Unavailable("git_host_unreachable", "git.example.org does not answer."))
    ended = console("sync", "data")
    assert ended.exit_code == ExitCode.FAILED
    assert ended.stdout == ""
    assert ended.stderr == "error: data: git.example.org does not answer.\n"
    assert console("sync", "--json").json["syncs"][0]["code"] == "git_host_unreachable"
    assert console("sync", "--dry-run").exit_code == ExitCode.UNAVAILABLE
    assert "failed" in console("repositories").stdout


def test_a_repository_that_can_not_be_read_hides_no_other(pushed: LiveServer, console: Console) -> None:
    other = "https://git.example.org/team/other.git"
    pushed.mirrors.push(other, {})
    console("repositories", "add", "other", other)
    console("sync", "other")
    pushed.mirrors.fail(URL, Unavailable("git_host_unreachable", "git.example.org does not answer."))
    pushed.mirrors.push(other, {"load": {}})
    planned = console("sync", "--dry-run")
    assert planned.exit_code == ExitCode.UNAVAILABLE
    assert planned.stdout.endswith("  + load\n")
    assert planned.stderr == "error: data: git.example.org does not answer.\n"
    synced = console("sync")
    assert synced.exit_code == ExitCode.FAILED
    assert "other: 1 pipeline added" in synced.stdout
    assert synced.stderr == planned.stderr


def test_nobody_waits_where_it_is_not_wanted(pushed: LiveServer, console: Console) -> None:
    pushed.on_loop(pushed.mirrors.hold)
    begun = console("sync", "--no-wait", "--json")
    pushed.on_loop(pushed.mirrors.release)
    assert begun.exit_code == 0
    assert begun.json["syncs"][0]["status"] == "RUNNING"


def test_a_restart_of_the_server_is_waited_out_and_told(
    pushed: LiveServer, begin: Callable[..., Background]
) -> None:
    pushed.on_loop(pushed.mirrors.hold)
    pushed.on_loop(pushed.mirrors.was_asked.clear)
    syncing = begin("sync", "data")
    pushed.wait_for(pushed.mirrors.was_asked.wait())
    pushed.restart()
    pushed.on_loop(pushed.mirrors.release)
    ended = syncing.join()
    assert ended.exit_code == ExitCode.FAILED
    assert ended.stderr.startswith("error: data: ")
    assert "The next sync does the same again" in ended.stderr


def test_without_a_repository_the_way_to_one_is_shown(live_server: LiveServer, console: Console) -> None:
    ended = console("sync")
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert "fastflow repositories add" in ended.stderr
    assert console("sync", "data").exit_code == ExitCode.NOT_FOUND
