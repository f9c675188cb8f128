"""`fastflow lock`."""

from fastflow.cli.exit_codes import ExitCode
from fastflow.domain.environment import Package
from tests.cli.conftest import Console
from tests.cli.live_server import LiveServer


def test_what_is_newer_is_listed(live_server: LiveServer, console: Console) -> None:
    live_server.environments.lockfile_key = "former"
    live_server.environments.locked |= {
        "former": (Package("six", "1.16.0"),),
        "newest": (Package("six", "1.17.0"),),
    }
    live_server.source.put("report")
    refused = console("lock", "report")
    assert (refused.exit_code, "--upgrade" in refused.stderr) == (ExitCode.USAGE, True)
    done = console("lock", "report", "--upgrade")
    assert done.exit_code == ExitCode.OK, done.stderr
    assert [line.split() for line in done.stdout.splitlines()][-1] == ["report", "six", "1.16.0", "1.17.0"]
    assert "1 package changed" in done.stderr
    again = console("lock", "report", "--upgrade", "--json")
    assert again.json["upgrades"]["report"]["packages"] == []
    assert console("lock", "nowhere", "--upgrade").exit_code == ExitCode.NOT_FOUND
