"""Story: every pipeline that comes along does what its description says."""

import shutil
from pathlib import Path

import psutil
import pytest

from tests.acceptance.event_stream import events
from tests.server_process import TERMINAL, ServerProcess

EXAMPLES = Path(__file__).parents[2] / "examples" / "pipelines"
MIB = 1024 * 1024


@pytest.fixture(scope="module", autouse=True)
def examples(server: ServerProcess) -> None:
    """The server's folder of pipelines holds all of them."""
    shutil.copytree(EXAMPLES, server.folder / "pipelines", dirs_exist_ok=True)


def ended(server: ServerProcess, pipeline: str) -> tuple[dict[str, object], list[str]]:
    run = server.until_status(server.run(pipeline), *TERMINAL)
    return run, server.raw_log(run["id"]).decode().splitlines()


def test_each_of_them_is_found_by_itself_valid_and_described(server: ServerProcess) -> None:
    server.until(lambda: len(server.get("/api/pipelines")["pipelines"]) == len(list(EXAMPLES.iterdir())))
    found = {pipeline["name"]: pipeline for pipeline in server.get("/api/pipelines")["pipelines"]}
    assert set(found) == {"chatty", "data_report", "fails", "hello", "memory_hog", "with_requests"}
    assert all(pipeline["is_valid"] and not pipeline["problems"] for pipeline in found.values())
    assert all(pipeline["description"] for pipeline in found.values())


def test_hello_greets_live_whom_it_is_told_to_greet(server: ServerProcess) -> None:
    run_id = server.run("hello", {"parameters": {"name": "you"}})
    stream = events(f"{server.url}/api/runs/{run_id}/logs/stream")
    assert next(stream).data["line"] == "1/5: Hello, you!"
    assert server.get(f"/api/runs/{run_id}")["status"] not in TERMINAL
    assert list(stream)[-1].data["status"] == "SUCCESS"


def test_with_requests_has_requests(server: ServerProcess) -> None:
    run, lines = ended(server, "with_requests")
    assert run["status"] == "SUCCESS", (run["reason"], lines)
    assert lines[0] == "requests 2.32.5"
    assert "Berlin: 3,900,000 people" in lines


def test_data_report_has_pandas_and_numpy(server: ServerProcess) -> None:
    run, lines = ended(server, "data_report")
    assert run["status"] == "SUCCESS", (run["reason"], lines)
    assert lines[0] == "pandas 2.3.3, numpy 2.3.5: 1095 rows"


def test_fails_shows_its_traceback_and_its_exit_code(server: ServerProcess) -> None:
    run, lines = ended(server, "fails")
    assert (run["status"], run["outcome"], run["exit_code"]) == ("FAILED", "exited", 1)
    assert run["blame"] == "pipeline"
    assert "Adding up 2 orders" in lines
    assert "ValueError: could not convert string to float: 'n/a'" in lines


def test_memory_hog_is_killed_and_the_sentence_names_limit_and_peak(server: ServerProcess) -> None:
    run, _ = ended(server, "memory_hog")
    assert (run["status"], run["outcome"], run["exit_code"]) == ("FAILED", "out_of_memory", 137)
    sentence = str(run["reason"])
    assert "its limit of 128 MiB" in sentence
    assert "(peak 1" in sentence
    assert run["warnings"], "crossing its soft limit is a warning"


def test_chatty_prints_200_000_lines_and_the_server_hardly_grows(server: ServerProcess) -> None:
    ended(server, "fails")  # what a first run loads is not growth
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    before = highest = process.memory_info().rss

    def is_over() -> bool:
        nonlocal highest
        highest = max(highest, process.memory_info().rss)
        return server.get(f"/api/runs/{run_id}")["status"] in TERMINAL

    run_id = server.run("chatty")
    server.until(is_over)
    lines = server.raw_log(run_id).splitlines()
    highest = max(highest, process.memory_info().rss)
    assert len(lines) == 200_000
    assert [int(line.split()[1]) for line in lines] == list(range(1, 200_001))
    assert highest - before < 20 * MIB, f"grew by {(highest - before) / MIB:.1f} MiB"
