"""`fastflow runs` and `fastflow show`, and the ways to name a run."""

from pathlib import Path

import pytest

from fastflow.cli.exit_codes import ExitCode
from fastflow.domain.outcome import Outcome
from tests.cli.conftest import Console
from tests.cli.live_server import LiveServer


def _end(live_server: LiveServer, console: Console, pipeline: str, exit_code: int = 0) -> str:
    """Let a run of the pipeline end; return its id."""
    live_server.source.put(pipeline)
    live_server.executor.script(pipeline, exit_code=exit_code)
    run_id: str = console("trigger", pipeline, "--wait", "--json").json["id"]
    return run_id


def test_runs_are_listed_newest_first_in_aligned_columns(live_server: LiveServer, console: Console) -> None:
    first = _end(live_server, console, "short")
    second = _end(live_server, console, "a-much-longer-name", exit_code=3)
    header, *rows = console("runs").stdout.splitlines()
    assert [row.split()[0] for row in rows] == [second, first]
    assert header.index("STATUS") == rows[0].index("FAILED") == rows[1].index("SUCCESS")
    assert "Failed with exit code 3." in rows[0]
    assert "\x1b" not in header


def test_runs_are_narrowed_by_pipeline_status_and_text(live_server: LiveServer, console: Console) -> None:
    good, bad = _end(live_server, console, "good"), _end(live_server, console, "bad", exit_code=3)

    def ids(*arguments: str) -> list[str]:
        return [run["id"] for run in console("runs", "--json", *arguments).json["runs"]]

    assert ids("--pipeline", "good") == [good]
    assert ids("--status", "failed") == [bad]
    assert ids("--status", "FAILED", "--status", "SUCCESS") == [bad, good]
    assert ids("--text", "exit code 3") == [bad]
    assert ids("--limit", "1") == [bad]
    assert ids("--all", "--limit", "1") == [bad, good]


def test_an_unknown_status_is_a_wrong_command_line(console: Console) -> None:
    ended = console("runs", "--status", "BROKEN")
    assert ended.exit_code == ExitCode.USAGE
    assert "success" in ended.stderr


def test_show_begins_with_the_sentence_and_lists_the_attempts(
    live_server: LiveServer, console: Console
) -> None:
    live_server.source.put(
        "bad", manifest='{"retry_attempts": 1, "retry_strategy": {"type": "fixed_delay", "delay": 0}}'
    )
    live_server.executor.script("bad", exit_code=3)
    run = console("trigger", "bad", "--wait", "-p", "day=1", "--json").json
    shown = console("show", run["id"])
    lines = shown.stdout.splitlines()
    assert shown.exit_code == 0
    assert lines[0] == "Failed with exit code 3."
    assert any(line.split() == ["parameter", "day", "1"] for line in lines)
    assert [line.split()[0] for line in lines[-2:]] == ["1", "2"]
    assert console("show", run["id"], "--json").json["outcome"] == Outcome.EXITED


def test_a_run_may_be_named_by_a_part_of_its_id_or_as_the_latest(
    live_server: LiveServer, console: Console
) -> None:
    first, second = _end(live_server, console, "one"), _end(live_server, console, "two")

    def shown(name: str) -> str:
        return console("show", name, "--json").json["id"]

    assert shown(first[-10:]) == first
    assert shown(second[:24]) == second
    assert shown("latest") == second
    assert shown("one:latest") == first


@pytest.mark.parametrize(
    "name", ["ffffffff", "no-id", "nothing:latest", "00000000-0000-7000-8000-000000000000"]
)
def test_a_name_that_means_no_run_is_told(live_server: LiveServer, console: Console, name: str) -> None:
    _end(live_server, console, "one")
    ended = console("show", name)
    assert ended.exit_code == ExitCode.NOT_FOUND
    assert ended.stderr.startswith("error: ")


def test_a_part_that_means_several_runs_is_told(live_server: LiveServer, console: Console) -> None:
    first, second = _end(live_server, console, "one"), _end(live_server, console, "two")
    # The time is at the front: what both share there is long enough to end neither by chance.
    shared = first[: next(i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b)]
    ended = console("show", shared)
    assert ended.exit_code == ExitCode.USAGE
    assert ended.stderr.startswith("error: ")


def test_control_characters_of_a_reason_do_not_reach_the_terminal(
    live_server: LiveServer, console: Console, tmp_path: Path
) -> None:
    console("trigger", "no\x1b[31mname")
    live_server.source.put(
        "strict", manifest='{"parameters": {"type": "object", "required": ["\\u001b[2J"]}}'
    )
    console("trigger", "strict")
    assert "\x1b" not in console("runs").stdout
