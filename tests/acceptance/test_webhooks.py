"""Story: another system starts a pipeline with a key, brings data along, and tells nobody else of it."""

import json
import urllib.error
import urllib.request
from typing import Any

from tests.server_process import TERMINAL, ServerProcess
from tests.servers.push_deliveries import Delivery, Push, github_push, hub_signature

KEY = "the-key-of-the-acceptance-story-of-webhooks"
PROXY = {"Host": "flows.example.org", "Origin": "https://flows.example.org"}
"""What a reverse proxy on this machine passes on, besides for whom it speaks."""
SENDER, GUESSER = "203.0.113.9", "198.51.100.9"

SHOWS_DELIVERY = """
import os, pathlib
payload = os.environ.get("FASTFLOW_PAYLOAD_FILE")
print(os.environ["FASTFLOW_TRIGGER"], os.environ["FASTFLOW_DELIVERY_ID"], os.environ.get("PARAM_N"))
if payload:
    print(pathlib.Path(payload).read_text())
"""


def deliver(server: ServerProcess, path: str, delivery: Delivery, sender: str = SENDER) -> tuple[int, Any]:
    """Send it as the proxy passes it on; return status and JSON."""
    headers = {**delivery.headers, **PROXY, "X-Forwarded-For": sender}
    request = urllib.request.Request(  # noqa: S310 - always http
        server.url + path, data=delivery.body, headers=headers, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def add(server: ServerProcess, name: str) -> None:
    """Add a pipeline and look at it, so that its key is known at once."""
    server.add(name, SHOWS_DELIVERY, {"webhook_key": KEY})
    assert server.get(f"/api/pipelines/{name}")["is_valid"]


def test_github_delivers_and_the_run_finds_the_body_in_a_file(server: ServerProcess) -> None:
    add(server, "delivered")
    delivery = github_push(Push(), KEY)
    status, run = deliver(server, f"/api/webhooks/delivered/{KEY}", delivery)
    assert (status, run["trigger"], run["cause"]["remote"]) == (202, "webhook", SENDER)
    status, again = deliver(server, f"/api/webhooks/delivered/{KEY}", delivery)
    assert (status, again["id"]) == (202, run["id"]), "GitHub delivers again, nothing runs twice"
    ended = server.until_status(run["id"], *TERMINAL)
    assert ended["status"] == "SUCCESS", ended["reason"]
    head, payload = server.raw_log(run["id"]).split(b"\n", 1)
    assert head.decode().split() == ["webhook", run["cause"]["delivery_id"], "None"]
    assert payload == delivery.body + b"\n"
    log = server.get("/api/pipelines/delivered/deliveries")["deliveries"]
    assert [(d["status"], d["run_id"]) for d in log] == [("duplicate", run["id"]), ("accepted", run["id"])]


def test_a_key_made_over_the_api_starts_signed_deliveries_with_parameters(server: ServerProcess) -> None:
    add(server, "signed")
    key = server.call("POST", "/api/pipelines/signed/webhook-keys", {"is_signed": True})
    body = b'{"parameters": {"n": 7}}'
    plain = Delivery({"Content-Type": "application/json"}, body)
    status, problem = deliver(server, key["path"], plain)
    assert (status, problem["code"]) == (403, "signature_missing")
    signature = hub_signature(key["signing_secret"], body)
    status, run = deliver(server, key["path"], plain.with_headers(X_Hub_Signature_256=signature))
    assert status == 202
    ended = server.until_status(run["id"], *TERMINAL)
    assert (ended["status"], server.raw_log(run["id"]).split()[2]) == ("SUCCESS", b"7")


def test_a_wrong_key_tells_nothing_and_too_many_of_them_are_stopped(server: ServerProcess) -> None:
    add(server, "guessed")
    nothing = Delivery({}, b"")
    answers = [
        deliver(server, f"/api/webhooks/{name}/a-guess", nothing, GUESSER) for name in ("guessed", "nosuch")
    ]
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    for _ in range(8):
        deliver(server, "/api/webhooks/guessed/a-guess", nothing, GUESSER)
    status, problem = deliver(server, f"/api/webhooks/guessed/{KEY}", nothing, GUESSER)
    assert (status, problem["code"]) == (429, "too_many_wrong_keys")
    (logged,) = {
        (d["status"], d["code"], d["remote"])
        for d in server.get("/api/pipelines/guessed/deliveries")["deliveries"]
    }
    assert logged == ("refused", "webhook_not_found", GUESSER)


def test_a_proxy_can_reach_the_webhooks_and_nothing_else(server: ServerProcess) -> None:
    add(server, "walled")
    for path in ("/api/pipelines/walled/run", f"/api/webhooks/walled/{KEY}/../../../pipelines/walled/run"):
        status, problem = deliver(server, path, Delivery({}, b""))
        assert (status, problem["code"]) == (403, "foreign_request")
    assert server.get("/api/runs?pipeline_name=walled")["runs"] == []


def test_no_key_was_ever_written_to_the_servers_log(server: ServerProcess) -> None:
    add(server, "unlogged")
    for path in (f"/api/webhooks/unlogged/{KEY}", f"/api/webhooks/nosuch/{KEY}", f"/api/webhooks/x/y/{KEY}"):
        deliver(server, path, Delivery({"Content-Type": "application/json"}, b'{"env_vars": 5}'), "192.0.2.9")
    assert KEY not in server.log()
