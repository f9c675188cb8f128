"""Story: from an empty folder to a pipeline that is watched, changed and repeated."""

import os
import shlex
import subprocess
import urllib.request
from itertools import takewhile
from pathlib import Path

from uv import find_uv_bin

from tests.acceptance.conftest import Console
from tests.acceptance.event_stream import Event, events
from tests.server_process import TERMINAL, ServerProcess

COUNTS_SLOWLY = """
import time
for number in range(5):
    print(f"line {number}")
    time.sleep(0.4)
"""


def log_stream(server: ServerProcess, run_id: str) -> str:
    return f"{server.url}/api/runs/{run_id}/logs/stream"


def texts(seen: list[Event]) -> list[str]:
    return [event.data["line"] for event in seen if event.name == "message"]


def test_a_folder_with_a_main_py_is_a_pipeline_and_its_lines_appear_while_it_runs(
    server: ServerProcess,
) -> None:
    server.add("counts", COUNTS_SLOWLY)  # a folder, a main.py: nothing else
    run_id = server.run("counts")
    stream = events(log_stream(server, run_id))
    first = next(stream)
    run_then = server.get(f"/api/runs/{run_id}")
    assert (first.id, first.data["line"], first.data["stream"]) == ("0", "line 0", "stdout")
    assert run_then["status"] not in TERMINAL
    rest = list(stream)
    assert texts(rest) == ["line 1", "line 2", "line 3", "line 4"]
    assert rest[-1].name == "end"
    assert rest[-1].data["status"] == "SUCCESS"
    run = server.get(f"/api/runs/{run_id}")
    assert (run["exit_code"], run["outcome"]) == (0, "exited")
    assert run["reason"] == "Finished with exit code 0."


def test_a_reader_that_was_cut_off_goes_on_where_it_was(server: ServerProcess) -> None:
    server.add("resumed", COUNTS_SLOWLY)
    run_id = server.run("resumed")
    seen = list(takewhile(lambda event: event.id != "2", events(log_stream(server, run_id))))
    rest = list(events(log_stream(server, run_id), last_event_id=seen[-1].id))
    assert texts(seen) + texts(rest) == [f"line {number}" for number in range(5)]
    assert rest[-1].name == "end"


def test_the_console_starts_a_run_shows_its_streams_and_exits_as_it_did(
    server: ServerProcess, console: Console
) -> None:
    server.add("speaks", "import sys\nprint('good')\nprint('bad', file=sys.stderr)\nsys.exit(7)")
    followed = console("trigger", "speaks", "--follow")
    assert followed.returncode == 7
    assert followed.stdout == "good\n"
    assert "bad" in followed.stderr.splitlines()
    assert "FAILED" in followed.stderr.splitlines()[-1]
    server.add("agrees", "print('good')")
    assert console("trigger", "agrees", "--follow").returncode == 0
    assert console("trigger", "nosuch", "--follow").returncode == 4
    assert "speaks" in console("runs").stdout


def test_an_edited_pipeline_runs_anew_and_a_repeated_run_runs_what_it_ran_then(server: ServerProcess) -> None:
    server.add("edited", "print('old')")
    first = server.until_status(server.run("edited"), "SUCCESS")
    server.add("edited", "print('new')")
    second = server.until_status(server.run("edited"), "SUCCESS")
    again = server.call("POST", f"/api/runs/{first['id']}/retry", {"revision": "same"})
    latest = server.call("POST", f"/api/runs/{first['id']}/retry", {"revision": "latest"})
    for run in (again, latest):
        server.until_status(run["id"], "SUCCESS")
    assert server.raw_log(second["id"]) == b"new\n"
    assert server.raw_log(again["id"]) == b"old\n"
    assert server.raw_log(latest["id"]) == b"new\n"
    assert again["revision"] == first["revision"] != second["revision"] == latest["revision"]
    assert again["retry_of"] == first["id"]


def test_a_run_here_is_what_the_plain_uv_command_gives(server: ServerProcess, console: Console) -> None:
    server.add("local", "import sys, six\nprint(six.__version__, sys.prefix != sys.base_prefix)")
    folder = server.folder / "pipelines" / "local"
    (folder / "requirements.txt").write_text("six==1.17.0\n")
    on_server = server.until_status(server.run("local"), *TERMINAL)
    assert on_server["status"] == "SUCCESS", on_server["reason"]
    here = console("run", str(folder))
    assert here.returncode == 0, here.stderr
    plain = next(line for line in here.stderr.splitlines() if line.startswith("+ ")).removeprefix("+ ")
    assert plain == (
        f"cd {shlex.quote(str(folder))} && uv run --no-project --with-requirements requirements.txt main.py"
    )
    typed = subprocess.run(
        ["sh", "-c", plain],
        env=os.environ | {"PATH": f"{Path(find_uv_bin()).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert typed.stdout == here.stdout == server.raw_log(on_server["id"]).decode() == "1.17.0 True\n"


def test_what_happens_is_told_to_everyone_who_listens(server: ServerProcess) -> None:
    server.add("heard", "print('x')")
    stream = events(f"{server.url}/api/events", last_event_id="0")
    run_id = server.run("heard")
    told: list[str] = []
    for event in stream:
        if event.data["run_id"] == run_id:
            told.append(event.name)
        if event.name == "run.finished" and event.data["run_id"] == run_id:
            break
    assert told == ["run.created", "run.started", "run.finished"]
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=10) as answer:  # noqa: S310
        assert b"fastflow_" in answer.read()
