"""`fastflow webhooks`."""

import json
import urllib.request
from datetime import timedelta

from fastflow.cli.exit_codes import ExitCode
from tests.cli.conftest import Console
from tests.cli.live_server import LiveServer


def put(live_server: LiveServer, **manifest: object) -> None:
    """Let the server know a pipeline `report`."""
    live_server.source.put("report", manifest=json.dumps(manifest))
    live_server.scan()


def post(url: str) -> str:
    """Call a webhook; return the id of the run."""
    request = urllib.request.Request(url, method="POST")  # noqa: S310 - an address of the test's own server
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read())["id"]


def test_a_key_is_shown_once_and_starts_runs_until_it_is_revoked(
    live_server: LiveServer, console: Console
) -> None:
    put(live_server)
    added = console("webhooks", "add", "report")
    url = added.stdout.strip()
    assert url.startswith(f"{live_server.address}/api/webhooks/report/")
    run_id = post(url)
    listed = console("webhooks", "report").stdout
    assert run_id in listed
    assert "accepted" in listed
    key = url.rpartition("/")[2]
    assert key not in listed
    assert f"…{key[-4:]}" in listed
    (entry,) = console("webhooks", "report", "--json").json["keys"]
    assert entry["id"] in added.stderr
    assert console("webhooks", "revoke", "report", entry["id"]).exit_code == 0
    assert console("webhooks", "report").stdout == ""
    assert run_id in console("webhooks", "deliveries", "report").stdout


def test_a_signed_key_comes_with_its_secret_and_an_end(live_server: LiveServer, console: Console) -> None:
    manifest = {"schedules": [{"id": "nightly", "schedule_cron": "0 3 * * *"}]}
    put(live_server, **manifest)
    made = console(
        "webhooks", "add", "report", "--schedule", "nightly", "--signed", "--expires", "30d", "--json"
    ).json
    assert made["signing_secret"]
    assert made["url"].endswith(made["path"])
    listed = console("webhooks", "report")
    assert "nightly" in listed.stdout
    assert "yes" in listed.stdout
    assert made["signing_secret"] not in listed.stdout
    words = console("webhooks", "add", "report", "--signed")
    assert len(words.stdout.splitlines()) == 2
    assert "X-Hub-Signature-256" in words.stderr


def test_a_key_is_let_expire(live_server: LiveServer, console: Console) -> None:
    put(live_server)
    made = console("webhooks", "add", "report", "--json").json
    ends = console("webhooks", "expire", "report", made["id"], "--in", "1h").stdout
    assert ends.startswith(f"key {made['id']} of report ends: 20")
    live_server.pass_time(timedelta(hours=2))
    assert "expired " in console("webhooks", "report").stdout
    never = console("webhooks", "expire", "report", made["id"], "--in", "never").stdout
    assert never == f"key {made['id']} of report ends: never\n"


def test_the_manifests_key_is_listed_and_belongs_to_the_manifest(
    live_server: LiveServer, console: Console
) -> None:
    key = "k3y-of-the-manifest-that-nobody-sees"
    put(live_server, webhook_key=key)
    listed = console("webhooks", "report").stdout
    assert "manifest" in listed
    assert key not in listed
    assert console("webhooks", "revoke", "report", "manifest").exit_code == ExitCode.REFUSED


def test_without_a_key_the_way_to_one_is_shown(live_server: LiveServer, console: Console) -> None:
    put(live_server)
    shown = console("webhooks", "report")
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "fastflow webhooks add report" in shown.stderr
    assert "Nothing was sent" in console("webhooks", "deliveries", "report").stderr
    assert console("webhooks", "nothing").exit_code == ExitCode.NOT_FOUND
    assert console("webhooks", "add", "report", "--expires", "later").exit_code == ExitCode.USAGE
