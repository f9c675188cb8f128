"""Signatures and shapes of the deliveries, against the examples that are published."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from tests.servers.push_deliveries import (
    DELETED,
    Delivery,
    Push,
    forgejo_push,
    gitea_push,
    github_ping,
    github_push,
    gitlab_push,
    hub_signature,
    standard_signature,
)

_SECRET = "It's a Secret to Everybody"  # noqa: S105 - GitHub's published example
_AT = datetime(2030, 1, 1, tzinfo=UTC)

Send = Callable[..., Delivery]


def test_the_signature_is_that_of_githubs_documentation():
    assert hub_signature(_SECRET, b"Hello, World!") == (
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    )


def test_the_standard_signature_is_that_of_the_specifications_libraries():
    # github.com/standard-webhooks/standard-webhooks: the vector in the tests of its libraries.
    at = datetime.fromtimestamp(1614265330, UTC)
    token = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105
    signature = standard_signature(token, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_github_signs_what_it_sends_json_or_form():
    push = Push(after="c" * 40)
    for is_form in (False, True):
        delivery = github_push(push, _SECRET, delivery="one", is_form=is_form)
        assert delivery.headers["X-Hub-Signature-256"] == hub_signature(_SECRET, delivery.body)
        assert delivery.headers["X-GitHub-Delivery"] == "one"
        assert delivery.headers["X-GitHub-Event"] == "push"
        text = parse_qs(delivery.body.decode())["payload"][0] if is_form else delivery.body
        payload = json.loads(text)
        assert (payload["ref"], payload["after"]) == ("refs/heads/main", "c" * 40)
    ping = github_ping(_SECRET)
    assert ping.headers["X-GitHub-Event"] == "ping"
    assert ping.headers["X-Hub-Signature-256"] == hub_signature(_SECRET, ping.body)
    assert "X-Hub-Signature-256" not in github_push(push, None).headers


@pytest.mark.parametrize(
    ("send", "brands"), [(gitea_push, {"Gitea", "Gogs"}), (forgejo_push, {"Forgejo", "Gitea", "Gogs"})]
)
def test_gitea_and_forgejo_sign_the_json_whatever_carries_it(send: Send, brands: set[str]):
    as_json = send(Push(), _SECRET)
    as_form = send(Push(), _SECRET, is_form=True)
    signature = hub_signature(_SECRET, as_json.body)
    for delivery in (as_json, as_form):
        assert delivery.headers["X-Hub-Signature-256"] == signature
        signing = {name for name in delivery.headers if name.endswith("-Signature") and "Hub" not in name}
        assert signing == {f"X-{brand}-Signature" for brand in brands}
        assert {delivery.headers[name] for name in signing} == {signature.removeprefix("sha256=")}
    assert parse_qs(as_form.body.decode())["payload"][0].encode() == as_json.body
    assert send(Push(), None).headers["X-Gitea-Signature"] == ""


def test_gitlab_sends_its_token_or_a_signature():
    plain = gitlab_push(Push(), "t0ken", delivery="one")
    assert plain.headers["X-Gitlab-Token"] == "t0ken"
    assert plain.headers["X-Gitlab-Event"] == "Push Hook"
    assert plain.headers["Idempotency-Key"] == "one"
    assert "webhook-signature" not in plain.headers
    token = f"whsec_{base64.b64encode(bytes(32)).decode()}"
    signed = gitlab_push(Push(), None, delivery="one", signing_token=token, at=_AT)
    assert "X-Gitlab-Token" not in signed.headers
    assert signed.headers["webhook-id"] == "one"
    assert signed.headers["webhook-timestamp"] == str(int(_AT.timestamp()))
    assert signed.headers["webhook-signature"] == standard_signature(token, "one", _AT, signed.body)


@pytest.mark.parametrize("send", [github_push, gitlab_push, gitea_push, forgejo_push])
def test_a_deleted_branch_has_no_commit(send: Send):
    payload = json.loads(send(Push(after=DELETED), _SECRET).body)
    assert (payload["after"], payload["commits"]) == (DELETED, [])


def test_a_delivery_can_be_tampered_with():
    delivery = github_push(Push(), _SECRET)
    assert delivery.with_body(b"{}").headers == delivery.headers
    changed = delivery.with_headers(X_Hub_Signature_256=None, x_github_event="ping", X_New="1")
    assert "X-Hub-Signature-256" not in changed.headers
    assert (changed.headers["X-GitHub-Event"], changed.headers["X-New"]) == ("ping", "1")
