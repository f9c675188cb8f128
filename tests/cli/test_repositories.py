"""`fastflow repositories` and `fastflow github-apps`."""

import hashlib
import hmac
import io
import json
import sys
import urllib.request
from pathlib import Path

import pytest

from fastflow.cli.exit_codes import ExitCode
from fastflow.domain.errors import Unavailable
from fastflow.domain.repository import Installation
from tests.cli.conftest import Console
from tests.cli.live_server import LiveServer

URL = "https://git.example.org/team/data.git"
SSH_URL = "git@git.example.org:team/data.git"
TOKEN = "glpat-0123456789-secret"  # noqa: S105 - opens nothing


def test_a_repository_is_added_looked_at_and_removed(live_server: LiveServer, console: Console) -> None:
    commit = live_server.mirrors.push(URL, {"report": {}, "broken": {"pipeline.json": "{"}})
    added = console("repositories", "add", "data", URL, "--interval", "off")
    assert added.exit_code == 0
    assert "fastflow sync data" in added.stderr
    console("sync")
    (line,) = console("repositories").stdout.splitlines()[1:]
    assert line.split()[:4] == ["data", URL, "(default)", commit[:12]]
    assert "2, 1 of them invalid" in line
    assert line.endswith("  ok")
    shown = console("repositories", "show", "data").stdout
    assert f"{commit} by Ada: Change" in shown
    assert "opened by      anybody" in shown
    assert "2 pipelines added" in console("repositories", "log", "data").stdout
    assert console("repositories", "remove", "data").exit_code == ExitCode.USAGE
    assert console("repositories", "remove", "data", "--yes").stdout == "repository data is removed\n"
    assert console("repositories").stdout == ""


def test_what_is_changed_is_what_was_named(live_server: LiveServer, console: Console) -> None:
    console("repositories", "add", "data", URL, "--branch", "dev", "--subdir", "pipelines")
    console("repositories", "change", "data", "--branch", "", "--interval", "5min", "--disable")
    changed = console("repositories", "show", "data", "--json").json
    assert (changed["branch"], changed["subdir"]) == (None, "pipelines")
    assert (changed["sync_interval_seconds"], changed["is_enabled"]) == (300, False)
    assert "disabled" in console("repositories").stdout
    console("repositories", "change", "data", "--enable", "--interval", "default")
    assert console("repositories", "show", "data", "--json").json["sync_interval_seconds"] is None
    assert console("repositories", "change", "data").exit_code == ExitCode.USAGE


def test_a_token_comes_from_a_file_or_a_pipe_and_is_never_shown(
    live_server: LiveServer, console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    live_server.mirrors.push(URL, {"report": {}})
    shown = [console("repositories", "add", "data", URL, "--token-file", str(file))]
    shown += [console("repositories", "show", "data"), console("repositories", "show", "data", "--json")]
    assert "opened by      token" in shown[1].stdout
    console("sync", "data")
    assert getattr(live_server.mirrors.fetched[-1][1], "token", None) == TOKEN
    monkeypatch.setattr(sys, "stdin", io.StringIO("another-secret\n"))
    shown.append(console("repositories", "change", "data", "--token-file", "-"))
    console("sync", "data")
    assert getattr(live_server.mirrors.fetched[-1][1], "token", None) == "another-secret"
    written = "".join(ended.stdout + ended.stderr for ended in shown)
    assert TOKEN not in written
    assert "another-secret" not in written


@pytest.mark.parametrize("content", [None, "", b"\xff\xfe"])
def test_a_token_that_can_not_be_read_is_named_by_its_file(
    live_server: LiveServer, console: Console, tmp_path: Path, content: str | bytes | None
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    ended = console("repositories", "add", "data", URL, "--token-file", str(file))
    assert ended.exit_code == ExitCode.USAGE
    assert str(file) in ended.stderr


def test_with_ssh_the_key_to_enter_and_the_host_keys_to_compare_are_shown(
    live_server: LiveServer, console: Console
) -> None:
    live_server.mirrors.push(SSH_URL, {"report": {}})
    added = console("repositories", "add", "data", SSH_URL, "--deploy-key")
    key, _, host_key = added.stdout.splitlines()
    assert key.startswith("ssh-ed25519 PUBLIC-1")
    fingerprint = host_key.split()[1]
    assert fingerprint.startswith("SHA256:")
    assert f"fastflow repositories host-keys data --accept {fingerprint}" in added.stderr
    assert console("repositories", "show", "data", "--json").json["host_keys"] == []
    wrong = console("repositories", "host-keys", "data", "--accept", "SHA256:wrong")
    assert wrong.exit_code == ExitCode.REFUSED
    accepted = console("repositories", "host-keys", "data", "--accept", fingerprint).stdout
    assert accepted == f"accepted for data: ssh-ed25519 {fingerprint}\n"
    assert fingerprint in console("repositories", "show", "data").stdout
    assert console("repositories", "check", "data").stdout == "main\n"


def test_an_ssh_server_that_does_not_answer_is_asked_again_later(
    live_server: LiveServer, console: Console
) -> None:
    live_server.mirrors.fail(SSH_URL, Unavailable("git_host_unreachable", "It does not answer."))
    added = console("repositories", "add", "data", SSH_URL)
    assert added.exit_code == ExitCode.UNAVAILABLE
    assert added.stdout.startswith("ssh-ed25519 ")
    assert "It does not answer.\ndata stays as it is now." in added.stderr
    assert console("repositories", "show", "data").exit_code == 0


def test_a_host_key_that_was_compared_before_is_accepted_at_once(
    live_server: LiveServer, console: Console
) -> None:
    console("repositories", "add", "first", SSH_URL)
    shown = console("repositories", "host-keys", "first", "--json").json["host_keys"]
    added = console("repositories", "add", "data", SSH_URL, "--accept-host-key", shown[0]["fingerprint"])
    assert "--accept" not in added.stderr
    assert console("repositories", "show", "data", "--json").json["host_keys"] == shown


def test_a_deploy_key_is_printed_again_and_renewed(live_server: LiveServer, console: Console) -> None:
    console("repositories", "add", "data", SSH_URL)
    first = console("repositories", "deploy-key", "data").stdout
    assert console("repositories", "deploy-key", "data", "--renew").exit_code == ExitCode.USAGE
    renewed = console("repositories", "deploy-key", "data", "--renew", "--yes").stdout
    assert renewed.startswith("ssh-ed25519 ")
    assert renewed != first
    console("repositories", "add", "open", URL)
    assert console("repositories", "deploy-key", "open").exit_code == ExitCode.REFUSED


def test_a_push_webhook_is_set_up_and_its_deliveries_are_listed(
    live_server: LiveServer, console: Console
) -> None:
    live_server.mirrors.push(URL, {"report": {}})
    console("repositories", "add", "data", URL)
    assert "Nothing was sent" in console("repositories", "deliveries", "data").stderr
    url, secret = console("repositories", "push-webhook", "data").stdout.splitlines()
    body = json.dumps({"ref": "refs/heads/main", "repository": {"default_branch": "main"}}).encode()
    headers = {
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": "1",
        "X-Hub-Signature-256": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}",
        "Content-Type": "application/json",
    }
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - an address of the test's own server
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        assert answer.status == 202
    delivered = console("repositories", "deliveries", "data").stdout
    assert "accepted" in delivered
    assert "github push" in delivered
    assert console("repositories", "push-webhook", "data").exit_code == ExitCode.USAGE
    again = console("repositories", "push-webhook", "data", "--yes", "--json").json
    assert again["url"] == url
    assert again["secret"] != secret


def test_what_the_server_refuses_is_said_with_the_remedy(live_server: LiveServer, console: Console) -> None:
    bad = console("repositories", "add", "data", "https://ada:pass@git.example.org/x.git")
    assert bad.exit_code == ExitCode.REFUSED
    assert "token" in bad.stderr
    assert "pass@" not in bad.stderr
    assert console("repositories", "show", "nothing").exit_code == ExitCode.NOT_FOUND
    assert console("repositories", "log", "nothing").exit_code == ExitCode.NOT_FOUND


def test_a_github_app_is_added_with_its_key_and_shows_where_it_is_installed(
    live_server: LiveServer, console: Console, tmp_path: Path
) -> None:
    file = tmp_path / "app.pem"
    file.write_text("-----BEGIN PRIVATE KEY-----\nvery-private\n-----END PRIVATE KEY-----\n")
    assert "github-apps add" in console("github-apps").stderr
    added = console("github-apps", "add", "company", "123", "--key-file", str(file))
    assert added.stdout == "GitHub App company is added\n"
    assert "installed nowhere" in console("github-apps", "installations", "company").stderr
    live_server.tokens.found = [Installation(7, "team", is_suspended=False, repositories=("team/data",))]
    assert console("github-apps", "installations", "company").stdout.splitlines()[1].split() == [
        "7",
        "team",
        "on",
        "team/data",
    ]
    console("repositories", "add", "data", "https://github.com/team/data", "--github-app", "company")
    assert "GitHub App company" in console("repositories", "show", "data").stdout
    assert console("github-apps", "remove", "company", "--yes").exit_code == ExitCode.REFUSED
    console("repositories", "remove", "data", "--yes")
    assert console("github-apps", "remove", "company", "--yes").exit_code == 0
    assert "very-private" not in console("github-apps", "--json").stdout
