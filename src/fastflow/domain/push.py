"""Reads what Git hosts say when somebody pushed: who says so, whether it is authentic, which branch."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, cast
from urllib.parse import parse_qs

from fastflow.domain.signatures import (
    Verdict,
    has_hub_signature,
    is_hex_signature,
    is_hub_signature,
    is_token,
    standard_verdict,
)

_BRANCH: Final = "refs/heads/"
_FORM: Final = "application/x-www-form-urlencoded"


class Sender(StrEnum):
    """What kind of Git host it is, by the headers that only it sends."""

    FORGEJO = "forgejo"
    GITEA = "gitea"
    GOGS = "gogs"
    GITHUB = "github"
    GITLAB = "gitlab"
    OTHER = "other"
    """Anything else that signs by `X-Hub-Signature-256` or Standard Webhooks: a script, another host."""


# Forgejo and Gitea send the headers of those after them as well.
_EVENT_HEADERS: Final = {
    Sender.FORGEJO: "x-forgejo-event",
    Sender.GITEA: "x-gitea-event",
    Sender.GOGS: "x-gogs-event",
    Sender.GITHUB: "x-github-event",
    Sender.GITLAB: "x-gitlab-event",
}
_ID_HEADERS: Final = {
    Sender.FORGEJO: ("x-forgejo-delivery",),
    Sender.GITEA: ("x-gitea-delivery",),
    Sender.GOGS: ("x-gogs-delivery",),
    Sender.GITHUB: ("x-github-delivery",),
    # The same when GitLab tries again; its X-Gitlab-Webhook-UUID isn't.
    Sender.GITLAB: ("webhook-id", "idempotency-key", "x-gitlab-event-uuid"),
    Sender.OTHER: ("webhook-id", "idempotency-key"),
}
_OF_GITEA: Final = frozenset({Sender.FORGEJO, Sender.GITEA, Sender.GOGS})
_PUSH_EVENTS: Final = frozenset({"push", "push hook"})


@dataclass(frozen=True, slots=True)
class PushDelivery:
    """A request to the push webhook as it came."""

    headers: Mapping[str, str]
    """With names in lower case."""
    body: bytes

    @property
    def sender(self) -> Sender:
        """Who sent it, if the headers are true."""
        return next((who for who, header in _EVENT_HEADERS.items() if header in self.headers), Sender.OTHER)

    @property
    def event(self) -> str:
        """What the sender calls it; where it names none, a push."""
        header = _EVENT_HEADERS.get(self.sender)
        return self.headers[header] if header else "push"

    @property
    def external_id(self) -> str | None:
        """The sender's own id of it, to find it in the sender's log."""
        ids = (self.headers.get(header) for header in _ID_HEADERS[self.sender])
        return next((one[:255] for one in ids if one), None)

    @property
    def fingerprint(self) -> str:
        """What a repeated one has in common with the first, as far as the sender vouches for it.

        Of these hosts only Standard Webhooks signs the id, and who knows GitLab's token could invent
        anything. The others sign nothing but the body: under another id it would still be the same.
        """
        if self._has_standard_signature or self.sender is Sender.GITLAB:
            signed_id = self.headers.get("webhook-id") if self._has_standard_signature else self.external_id
            if signed_id:
                return hashlib.sha256(b"id:" + signed_id.encode("utf-8", "replace")).hexdigest()
        return hashlib.sha256(b"body:" + self.body).hexdigest()

    @property
    def _has_standard_signature(self) -> bool:
        return "webhook-signature" in self.headers

    def verdict(self, secret: str, now: datetime) -> Verdict:
        """Judge whether its sender knows the secret: any one proof will do.

        GitLab may send its token beside a signature that was made with another secret.
        """
        if self._is_proven(secret):
            return Verdict.RIGHT
        if not self._has_standard_signature:
            return Verdict.WRONG
        return standard_verdict(
            secret,
            self.body,
            delivery=self.headers.get("webhook-id", ""),
            timestamp=self.headers.get("webhook-timestamp", ""),
            given=self.headers["webhook-signature"],
            now=now,
        )

    def _is_proven(self, secret: str) -> bool:
        headers, sender = self.headers, self.sender
        if sender is Sender.GITLAB:
            return is_token(secret, headers.get("x-gitlab-token", ""))
        own = headers.get(f"x-{sender.value}-signature") or headers.get("x-gitea-signature")
        if sender in _OF_GITEA and own:
            return is_hex_signature(secret, self._signed_by_gitea(), own)
        hub = headers.get("x-hub-signature-256")
        signed = self._signed_by_gitea() if sender in _OF_GITEA else self.body
        is_right = is_hub_signature(secret, signed, hub or "")
        return is_right and has_hub_signature(hub)

    def _signed_by_gitea(self) -> bytes:
        """Return the JSON: of a form, too, it is what Gitea and its kin sign."""
        return self._form_field() if self._is_form else self.body

    @property
    def _is_form(self) -> bool:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM

    def _form_field(self) -> bytes:
        try:
            fields = parse_qs(self.body.decode(), max_num_fields=20)
        except ValueError:
            return b""
        return "".join(fields.get("payload", [""])[:1]).encode()

    def disinterest(self, branch: str | None) -> str | None:
        """Return why it calls for no sync of that branch (None: the default one); None: it does call for one.

        A deleted branch calls for one, so that the log of syncs says it. What can't be read does too: one
        sync too many costs little.
        """
        if self.event.lower() not in _PUSH_EVENTS:
            return f"It tells of the event {self.event[:60]!r}; only a push makes a sync."
        payload = self._payload()
        ref = payload.get("ref")
        if not isinstance(ref, str):
            return None
        wanted = branch or _default_branch(payload)
        if wanted is None and ref.startswith(_BRANCH):
            return None
        if wanted is not None and ref == _BRANCH + wanted:
            return None
        return f"It tells of {ref[:200]}; synced is {wanted or 'the default branch'}."

    def _payload(self) -> dict[str, object]:
        try:
            payload: object = json.loads(self._form_field() if self._is_form else self.body)
        except (ValueError, RecursionError):
            return {}
        return cast(dict[str, object], payload) if isinstance(payload, dict) else {}


def _default_branch(payload: Mapping[str, object]) -> str | None:
    """Return the repository's default branch: under `repository` at most hosts, `project` at GitLab."""
    for key in ("repository", "project"):
        part = payload.get(key)
        if isinstance(part, dict):
            name = cast(dict[str, object], part).get("default_branch")
            if isinstance(name, str) and name:
                return name
    return None
