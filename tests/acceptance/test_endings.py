"""Story: runs that do not simply succeed - retries, time limits, cancels, and others in the way."""

from tests.acceptance.event_stream import events
from tests.server_process import TERMINAL, ServerProcess

LASTS = "print('up')\nimport time\ntime.sleep(600)"
IGNORES_SIGTERM = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + LASTS


def until_line(server: ServerProcess, run_id: str) -> None:
    """Block until the program has printed something, so that it runs for sure."""
    next(events(f"{server.url}/api/runs/{run_id}/logs/stream"))


def test_a_failed_attempt_is_repeated_as_the_manifest_says_and_each_is_listed(server: ServerProcess) -> None:
    code = (
        "import os, sys\nattempt = int(os.environ['FASTFLOW_ATTEMPT'])\nprint('attempt', attempt)\n"
        "sys.exit(0 if attempt == 3 else 10 + attempt)"
    )
    strategy = {"type": "fixed_delay", "delay": 0.1}
    server.add("flaky", code, {"retry_attempts": 2, "retry_strategy": strategy})
    run = server.until_status(server.run("flaky"), *TERMINAL)
    assert run["status"] == "SUCCESS"
    assert [(a["number"], a["exit_code"]) for a in run["attempts"]] == [(1, 11), (2, 12), (3, 0)]
    assert server.raw_log(run["id"]).splitlines() == [b"attempt 1", b"attempt 2", b"attempt 3"]


def test_a_run_beyond_its_time_limit_is_stopped(server: ServerProcess) -> None:
    server.add("slow", LASTS, {"timeout": 1})
    run = server.until_status(server.run("slow"), *TERMINAL)
    assert (run["status"], run["outcome"]) == ("FAILED", "timed_out")
    assert run["reason"].startswith("Stopped after its time limit of 1 second.")
    assert server.raw_log(run["id"]) == b"up\n"


def test_a_cancel_ends_even_what_ignores_sigterm_and_is_not_retried(server: ServerProcess) -> None:
    server.add("stubborn", IGNORES_SIGTERM, {"retry_attempts": 3})
    run_id = server.run("stubborn")
    until_line(server, run_id)
    server.call("POST", f"/api/runs/{run_id}/cancel")
    run = server.until_status(run_id, *TERMINAL)
    assert (run["status"], run["outcome"], run["blame"]) == ("CANCELLED", "cancelled", "nobody")
    assert [attempt["exit_code"] for attempt in run["attempts"]] == [137]


def test_with_overlap_skip_a_second_run_is_skipped_and_says_why(server: ServerProcess) -> None:
    server.add("lonely", LASTS, {"max_instances": 1, "overlap": "skip"})
    first = server.run("lonely")
    second = server.get(f"/api/runs/{server.run('lonely')}")
    assert (second["status"], second["outcome"]) == ("SKIPPED", "not_started")
    assert second["reason"] == "Skipped: 1 of at most 1 runs of lonely were active (`overlap` is `skip`)."
    server.call("POST", f"/api/runs/{first}/cancel")
    server.until_status(first, "CANCELLED")


def test_with_overlap_replace_the_newest_run_takes_the_place(server: ServerProcess) -> None:
    server.add("newest", LASTS, {"max_instances": 1, "overlap": "replace"})
    first = server.run("newest")
    until_line(server, first)
    second = server.run("newest")
    assert server.until_status(first, *TERMINAL)["status"] == "CANCELLED"
    until_line(server, second)
    server.call("POST", f"/api/runs/{second}/cancel")
    server.until_status(second, "CANCELLED")
