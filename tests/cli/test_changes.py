"""`fastflow cancel` and `fastflow retry`."""

from fastflow.cli.exit_codes import ExitCode
from tests.cli.conftest import Console
from tests.cli.live_server import LiveServer


def test_runs_are_cancelled_and_waited_for(live_server: LiveServer, console: Console) -> None:
    live_server.source.put("hello")
    ids = [console("trigger", "hello").stdout.strip() for _ in range(2)]
    live_server.newest_started()
    ended = console("cancel", *ids, "--wait", "--json")
    assert ended.exit_code == 0
    assert [run["status"] for run in ended.json["runs"]] == ["CANCELLED", "CANCELLED"]


def test_a_run_that_has_ended_is_refused_and_the_others_are_cancelled_all_the_same(
    live_server: LiveServer, console: Console
) -> None:
    live_server.source.put("hello")
    live_server.executor.script("ended", exit_code=0)
    live_server.source.put("ended")
    over = console("trigger", "ended", "--wait", "--json").json["id"]
    goes_on = console("trigger", "hello").stdout.strip()
    cancelled = console("cancel", over, goes_on, "--wait")
    assert cancelled.exit_code == ExitCode.REFUSED
    assert "nothing to cancel" in cancelled.stderr
    assert console("show", goes_on, "--json").json["status"] == "CANCELLED"


def test_a_retry_is_a_new_run_of_the_same_and_may_be_waited_for(
    live_server: LiveServer, console: Console
) -> None:
    live_server.source.put("hello")
    live_server.executor.script("hello", lines=["said"], exit_code=7)
    first = console("trigger", "hello", "--wait", "-e", "A=1", "--json").json
    again = console("retry", first["id"], "--follow")
    assert again.exit_code == 7
    assert again.stdout == "said\n"
    second = console("show", "latest", "--json").json
    assert second["retry_of"] == first["id"]
    assert second["spec"] == first["spec"]


def test_a_retry_with_the_latest_takes_the_pipeline_as_it_is_now(
    live_server: LiveServer, console: Console
) -> None:
    live_server.source.put("hello")
    live_server.executor.script("hello", exit_code=1)
    first = console("trigger", "hello", "--wait", "--json").json
    now = live_server.source.put("hello", {"main.py": "print()"})
    assert console("retry", first["id"], "--json").json["revision"] == first["revision"]
    assert console("retry", first["id"], "--latest", "--json").json["revision"] == now


def test_a_run_that_goes_on_can_not_be_repeated(live_server: LiveServer, console: Console) -> None:
    live_server.source.put("hello")
    console("trigger", "hello")
    ended = console("retry", "latest")
    assert ended.exit_code == ExitCode.REFUSED
    assert "has not ended" in ended.stderr
