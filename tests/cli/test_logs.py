"""`fastflow logs`: pages, ends, filters, live."""

import json
from collections.abc import Callable

import pytest

from fastflow.domain.log import Stream
from tests.cli.conftest import Background, Console
from tests.cli.live_server import LiveServer
from tests.fakes.script import Script, line

LINES = [f"line {number}" for number in range(12_345)]


@pytest.fixture
def ended_run(live_server: LiveServer, console: Console) -> str:
    """A run that has ended with more lines than fit a page; every hundredth went to stderr."""
    live_server.source.put("busy")
    writes = [
        line(text, Stream.STDOUT if number % 100 else Stream.STDERR) for number, text in enumerate(LINES)
    ]
    live_server.executor.script("busy", Script(writes, exit_code=0))
    run_id: str = console("trigger", "busy", "--wait", "--json").json["id"]
    return run_id


def test_the_whole_log_goes_to_stdout_in_order(console: Console, ended_run: str) -> None:
    ended = console("logs", ended_run)
    assert sorted(ended.stdout.splitlines()) == sorted(LINES)
    assert ended.stderr == ""
    assert console("logs", ended_run, "--follow").stdout == ended.stdout


@pytest.mark.parametrize("tail", [0, 1, 7, 12_345, 99_999])
def test_the_tail_is_the_end_of_the_log(console: Console, ended_run: str, tail: int) -> None:
    everything = console("logs", ended_run).stdout.splitlines()
    assert (
        console("logs", ended_run, "--tail", str(tail)).stdout.splitlines() == everything[::-1][:tail][::-1]
    )


def test_a_log_may_begin_anywhere(console: Console, ended_run: str) -> None:
    everything = console("logs", ended_run).stdout.splitlines()
    assert console("logs", ended_run, "--from-line", "12000").stdout.splitlines() == everything[12_000:]
    assert console("logs", ended_run, "--from-line", "99999").stdout == ""


def test_lines_are_narrowed_by_stream_and_by_text(console: Console, ended_run: str) -> None:
    from_stderr = console("logs", ended_run, "--stream", "stderr").stdout.splitlines()
    assert from_stderr == LINES[::100]
    found = console("logs", ended_run, "--search", "LINE 1234").stdout.splitlines()
    assert set(found) == {"line 1234", *(f"line 1234{digit}" for digit in range(5))}
    assert (
        console("logs", ended_run, "--stream", "stderr", "--tail", "2").stdout.splitlines()
        == LINES[::100][-2:]
    )


def test_lines_carry_their_time_or_come_as_json(console: Console, ended_run: str) -> None:
    (stamped,) = console("logs", ended_run, "--tail", "1", "--timestamps").stdout.splitlines()
    moment, text = stamped.split(" ", 1)
    assert moment.endswith("Z")
    (as_json,) = console("logs", ended_run, "--tail", "1", "--json").stdout.splitlines()
    assert json.loads(as_json) == {"number": 12_344, "at": moment, "stream": "stdout", "line": text}


def test_following_begins_where_it_is_told_and_ends_with_the_run(
    live_server: LiveServer, begin: Callable[..., Background], console: Console
) -> None:
    live_server.source.put("hello")
    console("trigger", "hello")
    run_id = live_server.newest_started()
    live_server.emit(run_id, "zero", "one", "two")
    live_server.wait_until_stored(run_id, 3)
    following = begin("logs", run_id, "--follow", "--from-line", "1", "--search", "o")
    live_server.emit(run_id, "three", "four")
    live_server.restart()
    live_server.emit(run_id, "five", "so")
    live_server.finish(run_id, 3)
    ended = following.join()
    assert ended.stdout.splitlines() == ["one", "two", "four", "so"]
    assert ended.exit_code == 0


def test_the_log_of_a_run_that_goes_on_is_shown_as_far_as_it_is(
    live_server: LiveServer, console: Console
) -> None:
    live_server.source.put("hello")
    console("trigger", "hello")
    run_id = live_server.newest_started()
    live_server.emit(run_id, *LINES[:50])
    live_server.wait_until_stored(run_id, 50)
    assert console("logs", "latest").stdout.splitlines() == LINES[:50]
    assert console("logs", "latest", "--tail", "3").stdout.splitlines() == LINES[47:50]
