"""What Git hosts send, as each of them documents it: recognised, proven, and understood."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from fastflow.domain.push import PushDelivery, Sender
from fastflow.domain.signatures import Verdict
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
)

SECRET = "correct horse battery staple"  # noqa: S105
SIGNING_TOKEN = "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q="  # noqa: S105
NOW = datetime(2030, 1, 1, tzinfo=UTC)

Send = Callable[..., Delivery]
ALL: list[tuple[Send, Sender]] = [
    (github_push, Sender.GITHUB),
    (gitlab_push, Sender.GITLAB),
    (gitea_push, Sender.GITEA),
    (forgejo_push, Sender.FORGEJO),
]


def received(delivery: Delivery) -> PushDelivery:
    return PushDelivery({name.lower(): value for name, value in delivery.headers.items()}, delivery.body)


def verdict(delivery: Delivery, secret: str = SECRET, now: datetime = NOW) -> Verdict:
    return received(delivery).verdict(secret, now)


def signed_by_gitlab(at: datetime = NOW, delivery: str = "one") -> Delivery:
    return gitlab_push(Push(), None, signing_token=SIGNING_TOKEN, at=at, delivery=delivery)


@pytest.mark.parametrize(("send", "sender"), ALL)
def test_each_host_is_recognised_and_proven_by_what_it_sends(send: Send, sender: Sender) -> None:
    sent = received(send(Push(), SECRET, delivery="one"))
    assert (sent.sender, sent.external_id) == (sender, "one")
    assert sent.verdict(SECRET, NOW) is Verdict.RIGHT
    assert sent.disinterest("main") is None


@pytest.mark.parametrize(("send", "_sender"), ALL)
@pytest.mark.parametrize("secret", ["", "another", SECRET.upper()])
def test_another_secret_proves_nothing(send: Send, _sender: Sender, secret: str) -> None:
    assert verdict(send(Push(), secret)) is Verdict.WRONG
    assert verdict(send(Push(), None)) is Verdict.WRONG


@pytest.mark.parametrize("send", [github_push, gitea_push, forgejo_push])
@pytest.mark.parametrize("is_form", [False, True])
def test_a_body_that_was_changed_on_the_way_proves_nothing(send: Send, is_form: bool) -> None:
    delivery = send(Push(), SECRET, is_form=is_form)
    assert verdict(delivery) is Verdict.RIGHT
    assert verdict(delivery.with_body(delivery.body.replace(b"main", b"evil"))) is Verdict.WRONG


@pytest.mark.parametrize("send", [gitea_push, forgejo_push])
def test_a_form_of_gitea_is_nothing_but_its_signed_field(send: Send) -> None:
    delivery = send(Push(), SECRET, is_form=True)
    more = delivery.with_body(b"payload=%7B%22ref%22%3A%22refs%2Fheads%2Fevil%22%7D&" + delivery.body)
    assert verdict(more) is Verdict.WRONG
    assert verdict(delivery.with_body(b"payload=\xff")) is Verdict.WRONG
    assert verdict(delivery.with_body(b"&" * 100)) is Verdict.WRONG


def test_gitlabs_signing_token_proves_within_five_minutes() -> None:
    assert verdict(signed_by_gitlab(), SIGNING_TOKEN) is Verdict.RIGHT
    late = NOW + timedelta(minutes=6)
    assert verdict(signed_by_gitlab(), SIGNING_TOKEN, late) is Verdict.OUTDATED
    assert verdict(signed_by_gitlab().with_headers(webhook_id="two"), SIGNING_TOKEN) is Verdict.WRONG


def test_gitlabs_token_proves_beside_a_signature_of_another_secret() -> None:
    both = gitlab_push(Push(), SECRET, signing_token=SIGNING_TOKEN, at=NOW)
    assert verdict(both) is Verdict.RIGHT


def test_a_script_may_sign_as_github_does() -> None:
    body = b'{"ref": "refs/heads/main"}'
    sent = PushDelivery({"x-hub-signature-256": hub_signature(SECRET, body)}, body)
    assert (sent.sender, sent.event, sent.external_id) == (Sender.OTHER, "push", None)
    assert sent.verdict(SECRET, NOW) is Verdict.RIGHT
    assert PushDelivery({}, body).verdict(SECRET, NOW) is Verdict.WRONG


@pytest.mark.parametrize("send", [github_push, gitea_push, forgejo_push])
def test_a_replay_is_known_under_any_id_because_the_id_is_not_signed(send: Send) -> None:
    first = send(Push(), SECRET, delivery="one")
    replay = first.with_headers(X_GitHub_Delivery="two", X_Gitea_Delivery="two", X_Forgejo_Delivery="two")
    assert received(first).fingerprint == received(replay).fingerprint
    assert received(first).fingerprint != received(send(Push(after="c" * 40), SECRET)).fingerprint


def test_a_signed_id_tells_deliveries_apart_whatever_their_body() -> None:
    one, again, two = (received(signed_by_gitlab(delivery=name)) for name in ("one", "one", "two"))
    assert one.body == again.body == two.body
    assert one.fingerprint == again.fingerprint != two.fingerprint


def test_gitlab_without_any_id_is_told_apart_by_its_body() -> None:
    bare = {"X_Gitlab_Event_UUID": None, "Idempotency_Key": None}
    one, two = (
        received(gitlab_push(push, SECRET).with_headers(**bare)) for push in (Push(), Push(after="c" * 40))
    )
    assert (one.external_id, two.external_id) == (None, None)
    assert one.fingerprint != two.fingerprint


@pytest.mark.parametrize(("send", "_sender"), ALL)
@pytest.mark.parametrize(
    ("ref", "branch", "is_wanted"),
    [
        ("refs/heads/main", "main", True),
        ("refs/heads/main", None, True),
        ("refs/heads/feature/x", "feature/x", True),
        ("refs/heads/main", "production", False),
        ("refs/heads/feature/x", None, False),
        ("refs/heads/feature/main", "main", False),
        ("refs/tags/main", "main", False),
        ("refs/tags/v1", None, False),
    ],
)
def test_only_the_synced_branch_calls_for_a_sync(
    send: Send, _sender: Sender, ref: str, branch: str | None, is_wanted: bool
) -> None:
    reason = received(send(Push(ref=ref), SECRET)).disinterest(branch)
    assert (reason is None) == is_wanted
    if reason is not None:
        assert ref in reason


@pytest.mark.parametrize(("send", "_sender"), ALL)
def test_the_deletion_of_the_synced_branch_calls_for_a_sync_that_says_so(send: Send, _sender: Sender) -> None:
    assert received(send(Push(after=DELETED), SECRET)).disinterest("main") is None


def test_a_ping_and_other_events_call_for_no_sync() -> None:
    assert "'ping'" in (received(github_ping(SECRET)).disinterest("main") or "")
    issue = github_push(Push(), SECRET).with_headers(X_GitHub_Event="issues")
    assert "'issues'" in (received(issue).disinterest("main") or "")
    tag = gitlab_push(Push(), SECRET).with_headers(X_Gitlab_Event="Tag Push Hook")
    assert "Tag Push" in (received(tag).disinterest("main") or "")


@pytest.mark.parametrize(
    "body",
    [b"", b"no json", b"[]", b'{"ref": 5}', b"{" * 100_000, b"[" * 100_000, b'"\xff"', b'{"ref": null}'],
)
def test_what_can_not_be_read_calls_for_a_sync(body: bytes) -> None:
    assert PushDelivery({"x-github-event": "push"}, body).disinterest("main") is None


@pytest.mark.parametrize("repository", [{}, [], {"default_branch": 5}, {"default_branch": ""}])
def test_a_branch_calls_for_a_sync_where_the_default_one_is_unknown(repository: object) -> None:
    def reason(ref: str) -> str | None:
        body = json.dumps({"ref": ref, "repository": repository}).encode()
        return PushDelivery({"x-github-event": "push"}, body).disinterest(None)

    assert reason("refs/heads/any") is None
    assert "the default branch" in (reason("refs/tags/v1") or "")
