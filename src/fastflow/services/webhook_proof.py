"""Checks that a webhook delivery was signed by who should have, and finds out which delivery it is."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from fastflow.domain.errors import Forbidden
from fastflow.domain.signatures import Verdict, has_hub_signature, is_hub_signature, standard_verdict

_DELIVERY_HEADERS: Final = (
    "webhook-id",
    "x-github-delivery",
    "x-gitea-delivery",
    "x-forgejo-delivery",
    "x-gogs-delivery",
    "x-gitlab-event-uuid",
)
"""Where senders put an id that stays the same when they deliver again."""
_LONGEST_KEY: Final = 255


def check_signature(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> None:
    """Refuse a delivery that nobody signed who knows the secret.

    Either by `X-Hub-Signature-256`, or as Standard Webhooks do it: that can be replayed for five minutes.

    Raises:
        Forbidden: `signature_missing`, `signature_wrong`, `signature_outdated`.
    """
    if "webhook-signature" in headers:
        _check_standard(headers, body, secret, now)
    else:
        check_hub_signature(headers, body, secret)


def check_hub_signature(headers: Mapping[str, str], body: bytes, secret: str) -> None:
    """Refuse a delivery whose `X-Hub-Signature-256` is missing or not made with the secret.

    Raises:
        Forbidden: `signature_missing`, `signature_wrong`.
    """
    given = headers.get("x-hub-signature-256", "")
    if not has_hub_signature(given):
        raise Forbidden(
            "signature_missing",
            "This key takes signed deliveries only: send X-Hub-Signature-256, or webhook-id, "
            "webhook-timestamp and webhook-signature.",
        )
    if not is_hub_signature(secret, body, given):
        raise Forbidden(
            "signature_wrong",
            "X-Hub-Signature-256 does not fit: it has to be sha256= and the HMAC-SHA256 of the raw body, in "
            "hexadecimal. The secret is the one that came with the key; where none did, the key itself.",
        )


def _check_standard(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> None:
    verdict = standard_verdict(
        secret,
        body,
        delivery=headers.get("webhook-id", ""),
        timestamp=headers.get("webhook-timestamp", ""),
        given=headers["webhook-signature"],
        now=now,
    )
    if verdict is Verdict.WRONG:
        raise Forbidden(
            "signature_wrong",
            "webhook-signature does not fit: it has to be v1, and the HMAC-SHA256 of "
            "{webhook-id}.{webhook-timestamp}.{body} in base64, made with what follows whsec_ in the secret.",
        )
    if verdict is Verdict.OUTDATED:
        raise Forbidden(
            "signature_outdated",
            "webhook-timestamp is more than five minutes from this server's clock: sign each delivery when "
            "it is sent, and check both clocks.",
        )


def delivery_key(headers: Mapping[str, str], *, is_id_signed: bool) -> str | None:
    """Return what makes two deliveries the same one: an idempotency key for their run.

    A signed id holds before an `Idempotency-Key` that anybody on the way could have put there; that holds
    before the ids of known senders. None: each delivery is one of its own.
    """
    if is_id_signed:
        return _key_of("webhook-id", headers.get("webhook-id", ""))
    if given := headers.get("idempotency-key"):
        return given
    return next((_key_of(name, headers[name]) for name in _DELIVERY_HEADERS if headers.get(name)), None)


def _key_of(header: str, value: str) -> str:
    key = f"{header}:{value}"
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{header}:{hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()}"
