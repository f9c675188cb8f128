"""`fastflow schedules`, `fastflow next` and `fastflow why`."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from fastflow.cli.wall_times import read_wall_time
from tests.cli.conftest import Console
from tests.cli.live_server import LiveServer


def put(live_server: LiveServer, name: str, **manifest: object) -> None:
    live_server.source.put(name, manifest=json.dumps(manifest))
    live_server.scan()


def test_schedules_are_listed_with_their_rule_what_is_next_and_their_state(
    live_server: LiveServer, console: Console
) -> None:
    put(live_server, "report", schedule_cron="30 2 * * *", timezone="Europe/Berlin")
    put(live_server, "off", schedules=[{"id": "x", "schedule_interval_seconds": 60, "enabled": False}])
    off, on = sorted(console("schedules").stdout.splitlines()[1:])
    assert on.startswith("report/default  30 2 * * * (Europe/Berlin)  20")
    assert "  on  " in on
    assert off.startswith("off/x           every 60 s")
    assert "disabled: " in off
    (only,) = console("schedules", "report", "--json").json["schedules"]
    assert only["key"] == "default"


def test_without_a_schedule_the_way_to_one_is_shown(live_server: LiveServer, console: Console) -> None:
    put(live_server, "report")
    shown = console("schedules", "report")
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "fastflow schedules add report" in shown.stderr
    assert console("schedules", "nothing").exit_code == ExitCode.NOT_FOUND


def test_a_schedule_is_added_and_removed(live_server: LiveServer, console: Console) -> None:
    put(live_server, "report")
    added = console(
        "schedules", "add", "report", "often", "--every", "15min", "--catch-up", "none", "-e", "A=1"
    )
    assert added.stdout.startswith("report/often: every 900 s, next 20")
    (made,) = console("schedules", "--json").json["schedules"]
    assert made["definition"]["default_env"] == {"A": "1"}
    assert made["catch_up"] == "none"
    assert console("schedules", "remove", "report/often").stdout == "report/often is removed\n"
    assert console("next").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), ExitCode.USAGE, "exactly one of --cron, --every and --at"),
        (("--every", "soon"), ExitCode.USAGE, "--every 'soon' is no duration"),
        (("--cron", "61 * * * *"), ExitCode.REFUSED, "schedule_cron"),
        (("--cron", "0 3 * * *", "--timezone", "Mars/Base"), ExitCode.REFUSED, "Mars/Base"),
    ],
)
def test_a_schedule_that_can_not_be_is_refused_with_the_reason(
    live_server: LiveServer, console: Console, arguments: tuple[str, ...], code: ExitCode, told: str
) -> None:
    put(live_server, "report")
    ended = console("schedules", "add", "report", "x", *arguments)
    assert ended.exit_code == code
    assert told in ended.stderr


def test_a_schedule_of_the_manifest_is_not_removed_here(live_server: LiveServer, console: Console) -> None:
    put(live_server, "report", schedule_cron="30 2 * * *")
    ended = console("schedules", "remove", "report/default")
    assert ended.exit_code == ExitCode.REFUSED
    assert "in the manifest" in ended.stderr


def test_a_pause_says_who_and_why_until_it_is_resumed(
    live_server: LiveServer, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    two = [{"id": "a", "schedule_cron": "0 3 * * *"}, {"id": "b", "schedule_cron": "0 4 * * *"}]
    put(live_server, "report", schedules=two)
    paused = console("schedules", "pause", "report", "--reason", "the source moves").stdout
    assert [line.split(":")[0] for line in paused.splitlines()] == ["report/a", "report/b"]
    a, b = console("schedules").stdout.splitlines()[1:]
    assert "paused by ada, " in a
    assert ": the source moves" in b
    assert console("schedules", "pause", "report/b", "--by", "Bob").stdout.startswith(
        "report/b: paused by Bob, "
    )
    assert console("schedules", "resume", "report/b").stdout.startswith("report/b: on, next 20")
    assert console("next").stdout.count("report/b") == 10


def test_what_is_meant_is_named_where_there_is_no_such_schedule(
    live_server: LiveServer, console: Console
) -> None:
    put(live_server, "report", schedules=[{"id": "a", "schedule_cron": "0 3 * * *"}])
    ended = console("schedules", "pause", "report/nightly")
    assert ended.exit_code == ExitCode.NOT_FOUND
    assert ended.stderr == "error: There is no schedule report/nightly. There are: report/a.\n"
    assert "no pipeline 'other'" in console("schedules", "pause", "other").stderr


def test_the_ledger_tells_what_became_of_each_time(live_server: LiveServer, console: Console) -> None:
    put(live_server, "report", schedule_interval_seconds=3600, catch_up="none")
    live_server.pass_time(timedelta(hours=1, seconds=1))
    run_id = live_server.newest_started("report")
    live_server.pass_time(timedelta(hours=1, minutes=30))
    skipped, ran = console("schedules", "ledger", "report/default").stdout.splitlines()[1:]
    assert "  skipped  " in skipped
    assert f"  run      {run_id}  RUNNING" in ran
    only = console("schedules", "ledger", "report", "--status", "run", "--json").json["occurrences"]
    assert [(entry["key"], entry["run_id"]) for entry in only] == [("default", run_id)]
    assert "Schedule default (every 3600 s) was due at" in console("show", run_id).stdout


def test_a_ledger_without_an_entry_says_so_beside_the_result(
    live_server: LiveServer, console: Console
) -> None:
    put(live_server, "report", schedule_interval_seconds=3600)
    shown = console("schedules", "ledger", "report")
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "Nothing was due yet" in shown.stderr


def test_next_lists_what_is_due_first_over_all_pipelines(live_server: LiveServer, console: Console) -> None:
    put(live_server, "hourly", schedule_interval_seconds=3600)
    put(live_server, "often", schedule_interval_seconds=1800)
    put(live_server, "yearly", schedule_cron="0 0 1 1 *", timezone="Asia/Kolkata")
    lines = console("next", "-n", "4").stdout.splitlines()[1:]
    assert [line.split()[1] for line in lines] == [
        "often/default",
        "hourly/default",
        "often/default",
        "often/default",
    ]
    (line,) = console("next", "yearly", "-n", "1").stdout.splitlines()[1:]
    assert line.endswith("-01-01 00:00  Asia/Kolkata")
    assert len(console("next", "--json").json["occurrences"]) == 10
    assert console("next", "nothing").exit_code == ExitCode.NOT_FOUND


def test_why_says_in_a_sentence_what_each_schedule_did(live_server: LiveServer, console: Console) -> None:
    put(live_server, "report", schedules=[{"id": "early", "schedule_cron": "0 3 * * *"}])
    shown = console("why", "report", "2099-05-04T04:00")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("early  0 3 * * * (UTC) is due on 2099-05-04 at 03:00, not at 04:00.")
    (answer,) = console("why", "report", "yesterday 3:00", "--json").json["answers"]
    assert answer["code"] == "did_not_exist"


def test_why_of_a_pipeline_without_schedules_says_that(live_server: LiveServer, console: Console) -> None:
    put(live_server, "report")
    assert "no schedule" in console("why", "report", "03:00").stderr
    assert console("why", "nothing").exit_code == ExitCode.NOT_FOUND
    assert console("why", "report", "soon").exit_code == ExitCode.USAGE


NOW = datetime(2026, 11, 23, 12, 0)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("03:00", datetime(2026, 11, 23, 3)),
        ("3:05", datetime(2026, 11, 23, 3, 5)),
        ("12:00", datetime(2026, 11, 23, 12)),
        ("12:01", datetime(2026, 11, 22, 12, 1)),
        ("today 18:00", datetime(2026, 11, 23, 18)),
        ("yesterday 03:00", datetime(2026, 11, 22, 3)),
        ("2026-11-20 03:00", datetime(2026, 11, 20, 3)),
        ("2026-11-20T03:00", datetime(2026, 11, 20, 3)),
        ("2026-11-20T03:00+00:00", datetime(2026, 11, 20, 3, tzinfo=UTC)),
    ],
)
def test_moments_are_read_as_people_say_them(text: str, moment: datetime) -> None:
    assert read_wall_time(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "soon", "25:00", "tomorrow 03:00", "2026-13-01"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(CommandFailed, match="is no moment"):
        read_wall_time(text, NOW)
