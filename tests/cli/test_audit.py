"""`fastflow audit`."""

import csv
import io
import json
import sqlite3

import pytest

from fastflow.cli.exit_codes import ExitCode
from tests.cli.conftest import Console
from tests.cli.live_server import LiveServer

URL = "https://git.example.org/team/data.git"


@pytest.fixture(autouse=True)
def changes(live_server: LiveServer, console: Console) -> None:
    """A repository was added, changed and removed."""
    del live_server
    console("repositories", "add", "data", URL, "--branch", "main")
    console("repositories", "change", "data", "--branch", "next")
    console("repositories", "remove", "data", "--yes")


def test_what_was_done_is_listed_newest_first(console: Console) -> None:
    head, *lines = console("audit").stdout.splitlines()
    assert head.split() == ["NUMBER", "WHEN", "WHO", "FROM", "ACTION", "TARGET", "CHANGE"]
    assert [line.split()[4] for line in lines] == [
        "repository.deleted",
        "repository.changed",
        "repository.created",
    ]
    assert lines[1].endswith("branch: main → next")
    assert lines[0].split()[2:4] == ["local", "127.0.0.1"]


def test_the_list_is_narrowed(console: Console) -> None:
    found = console("audit", "--action", "repository.changed", "--target", "data", "--json").json["entries"]
    assert [entry["action"] for entry in found] == ["repository.changed"]
    assert console("audit", "--actor", "nobody", "--json").json["entries"] == []
    assert len(console("audit", "--from", "yesterday 00:00", "--json").json["entries"]) == 3
    assert console("audit", "--before", "2020-01-01T00:00:00Z", "--json").json["entries"] == []
    assert "'soon' is no moment" in console("audit", "--from", "soon").stderr


def test_an_action_that_there_is_not_is_refused_with_those_there_are(console: Console) -> None:
    ended = console("audit", "--action", "run.flown")
    assert ended.exit_code == ExitCode.USAGE
    assert "run.triggered" in ended.stderr


def test_the_log_is_exported(console: Console) -> None:
    lines = console("audit", "export").stdout.splitlines()
    assert [json.loads(line)["sequence"] for line in lines] == [1, 2, 3]
    table = console("audit", "export", "--format", "csv").stdout
    assert [row["target"] for row in csv.DictReader(io.StringIO(table))] == ["data"] * 3


def test_an_intact_log_prints_what_to_keep(console: Console) -> None:
    first = console("audit", "verify")
    assert first.exit_code == ExitCode.OK
    seal = first.stdout.strip()
    assert seal.startswith("3:")
    assert "intact: 3 entries" in first.stderr
    assert console("audit", "verify", "--known", seal).exit_code == ExitCode.OK
    assert console("audit", "verify", "--known", "3").exit_code == ExitCode.USAGE
    assert console("audit", "verify", "--known", f"3:{'0' * 64}").exit_code == ExitCode.FAILED


def test_a_changed_log_is_told_with_the_entry(console: Console, sqlite_url: str) -> None:
    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    with connection:
        connection.execute("DROP TRIGGER audit_is_not_changed")
        connection.execute("UPDATE audit SET actor_name = 'ben' WHERE sequence = 2")
    connection.close()
    ended = console("audit", "verify")
    assert ended.exit_code == ExitCode.FAILED
    assert "tampered with: Row 2, of " in ended.stderr
