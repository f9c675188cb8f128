"""`fastflow trigger`: starting, waiting, following through trouble, exit codes."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from fastflow.cli.exit_codes import ExitCode
from fastflow.domain.log import Stream
from tests.cli.conftest import Background, Console
from tests.cli.live_server import LiveServer
from tests.cli.program import FASTFLOW, PATIENCE_SECONDS
from tests.fakes.script import Script, line

Begin = Callable[..., Background]


def test_a_trigger_prints_the_id_of_the_new_run_and_nothing_else(
    live_server: LiveServer, console: Console
) -> None:
    live_server.source.put("hello")
    ended = console("trigger", "hello")
    assert ended.exit_code == 0
    assert ended.stderr == ""
    assert console("show", ended.stdout.strip(), "--json").json["pipeline_name"] == "hello"


def test_parameters_are_json_where_they_can_be_and_text_else(
    live_server: LiveServer, console: Console, tmp_path: Path
) -> None:
    live_server.source.put("hello")
    file = tmp_path / "parameters.json"
    file.write_text('{"limit": 1, "kept": true}')
    arguments = ["--params-file", str(file), "-p", "limit=10", "-p", "day=2030-01-01", "-e", "MODE=a=b"]
    run = console("trigger", "hello", *arguments, "--json").json
    spec = console("show", run["id"], "--json").json["spec"]
    assert spec["parameters"] == {"limit": 10, "kept": True, "day": "2030-01-01"}
    assert spec["variables"] == {"MODE": "a=b"}


def test_the_same_idempotency_key_gives_the_same_run(live_server: LiveServer, console: Console) -> None:
    live_server.source.put("hello")
    first, second = (console("trigger", "hello", "--idempotency-key", "k").stdout for _ in range(2))
    assert first == second


def test_following_shows_each_line_where_it_was_written(live_server: LiveServer, begin: Begin) -> None:
    live_server.source.put("hello")
    following = begin("trigger", "hello", "--follow")
    run_id = live_server.newest_started()
    live_server.emit(run_id, "one", "two")
    live_server.on_loop(live_server.executor.emit, run_id, "trouble", Stream.STDERR)
    live_server.finish(run_id)
    ended = following.join()
    assert ended.exit_code == 0
    assert ended.stdout == "one\ntwo\n"
    assert "trouble\n" in ended.stderr
    assert "SUCCESS" in ended.stderr


def test_a_restart_of_the_server_neither_loses_nor_repeats_a_line(
    live_server: LiveServer, begin: Begin
) -> None:
    live_server.source.put("hello")
    following = begin("trigger", "hello", "--follow")
    run_id = live_server.newest_started()
    expected: list[str] = []
    for part in range(4):
        lines = [f"{part}.{number}" for number in range(50)]
        expected += lines
        live_server.emit(run_id, *lines)
        if part % 2:
            live_server.cut_connections()
        else:
            live_server.restart()
    live_server.finish(run_id)
    ended = following.join()
    assert ended.stdout.splitlines() == expected
    assert ended.exit_code == 0


def test_a_connection_cut_within_a_line_is_taken_up_without_harm(
    live_server: LiveServer, begin: Begin
) -> None:
    live_server.source.put("hello")
    following = begin("trigger", "hello", "--follow")
    run_id = live_server.newest_started()
    long = "x" * 3_000_000
    live_server.emit(run_id, "short", long)
    live_server.cut_connections()
    live_server.emit(run_id, "last")
    live_server.finish(run_id)
    assert following.join().stdout.splitlines() == ["short", long, "last"]


@pytest.mark.parametrize(("own", "expected"), [(0, 0), (1, 1), (7, 7), (125, 125), (126, 1), (137, 1)])
def test_waiting_ends_with_the_exit_code_of_the_run(
    live_server: LiveServer, console: Console, own: int, expected: int
) -> None:
    live_server.source.put("hello")
    live_server.on_loop(live_server.executor.script, "hello", Script([line("x")], exit_code=own))
    ended = console("trigger", "hello", "--wait")
    assert ended.exit_code == expected
    assert ended.stdout == ""
    assert f"exit code {own}" in ended.stderr


def test_a_cancelled_run_has_an_exit_code_of_its_own(
    live_server: LiveServer, begin: Begin, console: Console
) -> None:
    live_server.source.put("hello")
    waiting = begin("trigger", "hello", "--wait", "--json")
    console("cancel", live_server.newest_started())
    assert waiting.join().exit_code == ExitCode.CANCELLED


def test_a_skipped_run_has_an_exit_code_of_its_own(live_server: LiveServer, console: Console) -> None:
    live_server.source.put("hello", manifest='{"max_instances": 1, "overlap": "skip"}')
    console("trigger", "hello")
    ended = console("trigger", "hello", "--wait")
    assert ended.exit_code == ExitCode.SKIPPED
    assert "overlap" in ended.stderr


def test_a_failure_of_the_platform_is_told_from_one_of_the_pipeline(
    live_server: LiveServer, begin: Begin
) -> None:
    live_server.source.put("hello")
    waiting = begin("trigger", "hello", "--wait")
    live_server.newest_started()
    live_server.on_loop(live_server.executor.lose_host)
    assert waiting.join().exit_code == ExitCode.PLATFORM_FAILED


def test_the_last_valid_revision_may_be_started_while_the_manifest_is_broken(
    live_server: LiveServer, console: Console
) -> None:
    valid = live_server.source.put("hello", manifest="{}")
    console("trigger", "hello")
    live_server.source.put("hello", manifest="{")
    assert console("trigger", "hello").exit_code == ExitCode.REFUSED
    assert console("trigger", "hello", "--last-valid", "--json").json["revision"] == valid


def test_ctrl_c_lets_go_of_the_run_which_goes_on(live_server: LiveServer, console: Console) -> None:
    live_server.source.put("hello")
    with subprocess.Popen(
        [*FASTFLOW, "trigger", "hello", "--follow"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        run_id = live_server.newest_started()
        live_server.emit(run_id, "one")
        assert process.stdout is not None
        assert process.stdout.readline() == "one\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == ExitCode.INTERRUPTED
    assert f"fastflow cancel {run_id}" in said
    assert "Traceback" not in said
    assert console("show", run_id, "--json").json["status"] == "RUNNING"


def test_a_reader_that_goes_away_ends_following_quietly(live_server: LiveServer) -> None:
    live_server.source.put("hello")
    with subprocess.Popen(
        [*FASTFLOW, "trigger", "hello", "--follow"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        run_id = live_server.newest_started()
        assert process.stdout is not None
        process.stdout.close()
        live_server.emit(run_id, "one")
        assert process.stderr is not None
        said = process.stderr.read()
    assert process.returncode == ExitCode.FAILED
    assert said == f"run {run_id}\n"


def test_a_pipeline_that_does_not_exist_is_not_found(live_server: LiveServer, console: Console) -> None:
    ended = console("trigger", "nothing")
    assert ended.exit_code == ExitCode.NOT_FOUND
    assert "fastflow pipelines" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_refused_trigger_says_why_and_names_its_run(live_server: LiveServer, console: Console) -> None:
    live_server.source.put("hello", manifest='{"enabled": false}')
    ended = console("trigger", "hello")
    assert ended.exit_code == ExitCode.REFUSED
    assert "disabled" in ended.stderr
    assert "run_id: " in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--param", "nonsense"],
        ["--env", "=x"],
        ["--params-file", "/nowhere.json"],
        ["--follow", "--json"],
    ],
)
def test_a_wrong_command_line_is_told_before_anything_is_started(
    console: Console, arguments: list[str]
) -> None:
    ended = console("trigger", "hello", "--server", "http://127.0.0.1:9", *arguments)
    assert ended.exit_code == ExitCode.USAGE
    assert ended.stderr.startswith("error: ")


def test_without_a_server_the_message_says_how_to_start_one(console: Console) -> None:
    ended = console("trigger", "hello", "--server", "http://127.0.0.1:9")
    assert ended.exit_code == ExitCode.UNREACHABLE
    assert "fastflow up" in ended.stderr
