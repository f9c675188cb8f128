"""`fastflow secrets`."""

import io
from pathlib import Path

import pytest

from fastflow.cli.exit_codes import ExitCode
from tests.cli.conftest import Console
from tests.cli.live_server import LiveServer

VALUE = "correct horse/battery+staple"


def pipe(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let the next command read this from its standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_secret_is_set_by_pipe_or_file_listed_and_removed(
    live_server: LiveServer, console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del live_server
    pipe(monkeypatch, f"{VALUE}\n")
    assert console("secrets", "set", "DB_PASSWORD").stdout == "secret DB_PASSWORD is stored\n"
    (tmp_path / "value").write_text(VALUE)
    own = console("secrets", "set", "DB_PASSWORD", "--pipeline", "report", "--file", str(tmp_path / "value"))
    assert own.stdout == "secret DB_PASSWORD of report is stored\n"
    for listed in (console("secrets"), console("secrets", "ls"), console("secrets", "--json")):
        assert listed.stdout.count("DB_PASSWORD") == 2
        assert VALUE not in listed.stdout
    assert console("secrets", "rm", "DB_PASSWORD").exit_code == ExitCode.USAGE, "nobody has confirmed it"
    assert console("secrets", "rm", "DB_PASSWORD", "--yes").exit_code == ExitCode.OK
    (left,) = console("secrets", "--json").json["secrets"]
    assert left["pipeline_name"] == "report"


def test_what_can_not_be_a_secret_is_refused_without_an_echo(
    live_server: LiveServer, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    del live_server
    pipe(monkeypatch, "x1z\n")
    refused = console("secrets", "set", "DB_PASSWORD")
    assert refused.exit_code == ExitCode.REFUSED
    assert "no line of 4 characters" in refused.stderr
    assert "x1z" not in refused.stderr
    pipe(monkeypatch, "")
    assert console("secrets", "set", "DB_PASSWORD").exit_code == ExitCode.USAGE


def test_an_encrypted_value_is_printed_alone(
    live_server: LiveServer, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    del live_server
    pipe(monkeypatch, VALUE)
    encrypted = console("secrets", "encrypt")
    assert encrypted.stdout.startswith("gAAAA")
    assert len(encrypted.stdout.splitlines()) == 1
    assert encrypted.stderr == ""


def test_a_rotation_says_what_was_done_and_what_is_left_to_do(
    live_server: LiveServer, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    del live_server
    pipe(monkeypatch, VALUE)
    console("secrets", "set", "DB_PASSWORD")
    rotated = console("secrets", "rotate")
    assert rotated.stdout == "0 values are encrypted with the newest key\n"
    assert "put a new one before it (NEW,OLD)" in rotated.stderr
    assert console("secrets", "rotate", "--json").json["unreadable"] == []
