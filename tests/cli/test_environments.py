"""`fastflow env`."""

from datetime import timedelta

from fastflow.cli.exit_codes import ExitCode
from tests.cli.conftest import Console
from tests.cli.live_server import LiveServer

KEY = "3f9a1c" + 26 * "0"
OTHER = "3fff" + 28 * "0"


def test_environments_are_listed_shown_by_a_part_of_the_key_and_pruned(
    live_server: LiveServer, console: Console
) -> None:
    live_server.environments.keep(OTHER, timedelta(days=3), 5 * 1024**2)
    live_server.environments.keep(KEY, timedelta(days=40), 5 * 1024**2)
    for listed in (console("env"), console("env", "ls")):
        assert KEY[:12] in listed.stdout
        assert "5 MiB" in listed.stdout
        assert "2 environments" in listed.stderr
    shown = console("env", "show", "3f9a")
    assert (shown.exit_code, "six" in shown.stdout, KEY in shown.stdout) == (ExitCode.OK, True, True)
    assert console("env", "show", "3f").exit_code == ExitCode.NOT_FOUND, "two begin so"
    unknown = console("env", "show", "abc")
    assert (unknown.exit_code, "fastflow env" in unknown.stderr) == (ExitCode.NOT_FOUND, True)

    rehearsed = console("env", "prune", "--dry-run")
    assert (KEY[:12] in rehearsed.stdout, "would go" in rehearsed.stderr) == (True, True)
    assert console("env", "prune", "--json").json["environments"] == [KEY]
    assert console("env", "prune", "--unused-for", "2d").stdout == f"{OTHER[:12]}\n"
    assert console("env", "--json").json["environments"] == []
    refused = console("env", "prune", "--all", "--unused-for", "2d")
    assert (refused.exit_code, "--all" in refused.stderr) == (ExitCode.USAGE, True)
