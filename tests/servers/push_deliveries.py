"""Builds the requests by which Git hosts tell of a push, signed as each of them documents it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode
from uuid import uuid4

DELETED: Final = "0" * 40
"""The commit after a branch was deleted, and before it was made."""

_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request, to be sent as it is; a replay is the same one again."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def with_body(self, body: bytes) -> "Delivery":
        """Return what somebody on the way made of it: another body under the same headers."""
        return replace(self, body=body)

    def with_headers(self, **changed: str | None) -> "Delivery":
        """Return it with other headers (`X_Hub_Signature_256="…"`), or without those set to None."""
        names = {name.lower(): name for name in self.headers}
        headers: dict[str, str | None] = dict(self.headers)
        for name, value in changed.items():
            dashed = name.replace("_", "-")
            headers[names.get(dashed.lower(), dashed)] = value
        return replace(self, headers={name: value for name, value in headers.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Push:
    """What was pushed."""

    after: str = "a" * 40
    before: str = "b" * 40
    ref: str = "refs/heads/main"
    repository: str = "acme/pipelines"
    clone_url: str = "https://git.example.org/acme/pipelines.git"
    ssh_url: str = "git@git.example.org:acme/pipelines.git"


def hub_signature(secret: str, body: bytes) -> str:
    """Return the value of `X-Hub-Signature-256`.

    docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries, with a test vector.
    """
    return f"sha256={_hex(secret, body)}"


def standard_signature(signing_token: str, delivery: str, at: datetime, body: bytes) -> str:
    """Return the value of `webhook-signature`; `signing_token` is `whsec_` and a key in base64.

    github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    key = base64.b64decode(signing_token.removeprefix("whsec_"))
    signed = f"{delivery}.{int(at.timestamp())}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def github_push(
    push: Push, secret: str | None, *, delivery: str | None = None, is_form: bool = False
) -> Delivery:
    """A `push` of GitHub; a form's signature is that of the form.

    docs.github.com/en/webhooks/webhook-events-and-payloads, "Delivery headers" and "push".
    """
    return _github("push", _payload(push), secret, delivery, is_form)


def github_ping(secret: str | None, *, delivery: str | None = None) -> Delivery:
    """The `ping` that GitHub sends when a webhook is made."""
    payload = {
        "zen": "Keep it logically awesome.",
        "hook_id": 1,
        "hook": {"type": "Repository", "id": 1, "active": True, "events": ["push"]},
        "repository": _repository(Push()),
    }
    return _github("ping", payload, secret, delivery, is_form=False)


def gitlab_push(
    push: Push,
    token: str | None,
    *,
    delivery: str | None = None,
    signing_token: str | None = None,
    at: datetime | None = None,
) -> Delivery:
    """A push event of GitLab: with its secret token, with a signature (since 2026), or with both.

    docs.gitlab.com/user/project/integrations/webhooks ("Delivery headers") and …/webhook_events; the
    signature: gitlab.com/gitlab-org/gitlab/-/merge_requests/230944. `Idempotency-Key` stays the same when
    GitLab tries again; `X-Gitlab-Webhook-UUID` doesn't.
    """
    delivery = delivery or str(uuid4())
    namespace, _, name = push.repository.rpartition("/")
    project = {
        "id": 15,
        "name": name,
        "namespace": namespace,
        "path_with_namespace": push.repository,
        "default_branch": "main",
        "git_http_url": push.clone_url,
        "git_ssh_url": push.ssh_url,
        "web_url": push.clone_url.removesuffix(".git"),
    }
    payload = {
        "object_kind": "push",
        "event_name": "push",
        "before": push.before,
        "after": push.after,
        "ref": push.ref,
        "checkout_sha": None if push.after == DELETED else push.after,
        "user_username": "ada",
        "project_id": 15,
        "project": project,
        "commits": [] if push.after == DELETED else [{"id": push.after, "message": "Change"}],
        "total_commits_count": 0 if push.after == DELETED else 1,
    }
    body = json.dumps(payload).encode()
    headers = {
        "Content-Type": _JSON,
        "User-Agent": "GitLab/19.0.0",
        "X-Gitlab-Event": "Push Hook",
        "X-Gitlab-Instance": "https://git.example.org",
        "X-Gitlab-Webhook-UUID": str(uuid4()),
        "X-Gitlab-Event-UUID": str(uuid4()),
        "Idempotency-Key": delivery,
    }
    if token is not None:
        headers["X-Gitlab-Token"] = token
    if signing_token is not None:
        at = at or datetime.now(UTC)
        headers["webhook-id"] = delivery
        headers["webhook-timestamp"] = str(int(at.timestamp()))
        headers["webhook-signature"] = standard_signature(signing_token, delivery, at, body)
    return Delivery(headers, body)


def gitea_push(
    push: Push, secret: str | None, *, delivery: str | None = None, is_form: bool = False
) -> Delivery:
    """A `push` of Gitea: docs.gitea.com/usage/repository/webhooks, and what its services/webhook sends."""
    return _gitea(push, secret, delivery, is_form, ("Gitea", "Gogs"))


def forgejo_push(
    push: Push, secret: str | None, *, delivery: str | None = None, is_form: bool = False
) -> Delivery:
    """A `push` of Forgejo: forgejo.org/docs/latest/user/webhooks; its headers and those of Gitea."""
    return _gitea(push, secret, delivery, is_form, ("Forgejo", "Gitea", "Gogs"))


def _github(
    event: str, payload: Mapping[str, object], secret: str | None, delivery: str | None, is_form: bool
) -> Delivery:
    text = json.dumps(payload)
    body = urlencode({"payload": text}).encode() if is_form else text.encode()
    headers = {
        "Content-Type": _FORM if is_form else _JSON,
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery or str(uuid4()),
        "X-GitHub-Hook-ID": "1",
        "X-GitHub-Hook-Installation-Target-ID": "79929171",
        "X-GitHub-Hook-Installation-Target-Type": "repository",
    }
    if secret is not None:
        headers["X-Hub-Signature"] = f"sha1={_hex(secret, body, 'sha1')}"
        headers["X-Hub-Signature-256"] = hub_signature(secret, body)
    return Delivery(headers, body)


def _gitea(
    push: Push, secret: str | None, delivery: str | None, is_form: bool, brands: tuple[str, ...]
) -> Delivery:
    # Unlike GitHub's, the signature is that of the JSON even when a form carries it; and without a secret
    # the headers are there, with nothing in them.
    text = json.dumps(_payload(push))
    delivery = delivery or str(uuid4())
    sha1, sha256 = (
        ("", "") if not secret else (_hex(secret, text.encode(), "sha1"), _hex(secret, text.encode()))
    )
    headers = {"Content-Type": _FORM if is_form else _JSON}
    for brand in brands:
        headers[f"X-{brand}-Delivery"] = delivery
        headers[f"X-{brand}-Event"] = "push"
        headers[f"X-{brand}-Event-Type"] = "push"
        headers[f"X-{brand}-Signature"] = sha256
    headers |= {
        "X-Hub-Signature": f"sha1={sha1}",
        "X-Hub-Signature-256": f"sha256={sha256}",
        "X-GitHub-Delivery": delivery,
        "X-GitHub-Event": "push",
        "X-GitHub-Event-Type": "push",
    }
    return Delivery(headers, urlencode({"payload": text}).encode() if is_form else text.encode())


def _payload(push: Push) -> dict[str, object]:
    is_deleted = push.after == DELETED
    return {
        "ref": push.ref,
        "before": push.before,
        "after": push.after,
        "created": push.before == DELETED,
        "deleted": is_deleted,
        "forced": False,
        "commits": [] if is_deleted else [{"id": push.after, "message": "Änderung ✓"}],
        "head_commit": None if is_deleted else {"id": push.after, "message": "Änderung ✓"},
        "repository": _repository(push),
        "pusher": {"name": "ada"},
        "sender": {"login": "ada"},
    }


def _repository(push: Push) -> dict[str, object]:
    owner, _, name = push.repository.partition("/")
    return {
        "id": 140,
        "name": name,
        "full_name": push.repository,
        "private": True,
        "owner": {"login": owner},
        "html_url": push.clone_url.removesuffix(".git"),
        "clone_url": push.clone_url,
        "ssh_url": push.ssh_url,
        "default_branch": "main",
    }


def _hex(secret: str, body: bytes, algorithm: str = "sha256") -> str:
    return hmac.new(secret.encode(), body, algorithm).hexdigest()
