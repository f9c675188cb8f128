"""Checks, in constant time, the signatures and tokens by which other systems show who they are."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

STANDARD_PREFIX: Final = "whsec_"
"""Of secrets as Standard Webhooks writes them; what follows is the key in base64."""
STANDARD_TOLERANCE: Final = timedelta(minutes=5)
"""How far a delivery's own moment may be from ours: a replay of later is refused."""
_HUB_PREFIX: Final = "sha256="
_COMPARISONS: Final = 24
"""What a look for a key costs at least, so that few or no candidates take as long as some."""


class Verdict(StrEnum):
    """What a signature is worth."""

    RIGHT = "right"
    WRONG = "wrong"
    OUTDATED = "outdated"
    """Right, but made more than `STANDARD_TOLERANCE` from now."""


def digest_of(key: str) -> str:
    """Return the SHA-256 of a key: what is stored of long random keys, and what is compared."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def position_of(given: str, candidates: Sequence[str]) -> int | None:
    """Return where that key's digest first is among those of the candidates; None: nowhere.

    Every candidate is compared wherever the right one is, and at least `_COMPARISONS` are made: how
    long it takes says neither whether the key was near nor whether there is any.
    """
    wanted = digest_of(given)
    padded = [*candidates, *[digest_of("")] * (_COMPARISONS - len(candidates))]
    found: int | None = None
    for position, candidate in enumerate(padded):
        is_same = hmac.compare_digest(wanted, candidate)
        if is_same and found is None and position < len(candidates):
            found = position
    return found


def is_token(secret: str, given: str) -> bool:
    """Whether that is the secret itself, as GitLab's `X-Gitlab-Token` carries it; its length isn't told."""
    return hmac.compare_digest(digest_of(secret), digest_of(given))


def is_hex_signature(secret: str, body: bytes, given: str) -> bool:
    """Whether that is the HMAC-SHA256 of the body in hexadecimal, as Gitea, Forgejo and Gogs send it.

    docs.gitea.com/usage/repository/webhooks, forgejo.org/docs/latest/user/webhooks
    """
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode("utf-8", "replace"))


def is_hub_signature(secret: str, body: bytes, given: str) -> bool:
    """Whether that is a right `X-Hub-Signature-256`: `sha256=` and the HMAC of the raw body in hexadecimal.

    docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    """
    return is_hex_signature(secret, body, given.removeprefix(_HUB_PREFIX)) and given.startswith(_HUB_PREFIX)


def has_hub_signature(given: str | None) -> bool:
    """Whether the header holds one at all: Gitea sends `sha256=` with nothing behind it without a secret."""
    return bool(given) and given != _HUB_PREFIX


def standard_verdict(
    secret: str, body: bytes, *, delivery: str, timestamp: str, given: str, now: datetime
) -> Verdict:
    """Judge a signature of Standard Webhooks, which GitLab's signing tokens use too.

    The HMAC covers `{webhook-id}.{webhook-timestamp}.{body}`, so neither can be replaced. `given` holds one
    signature or several with blanks between them (`v1,<base64>`), as when the sender changes its secret;
    versions other than `v1` are passed over.

    github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    signed = f"{delivery}.{timestamp}.".encode("utf-8", "replace") + body
    expected = base64.b64encode(hmac.new(standard_key(secret), signed, hashlib.sha256).digest())
    verdicts = [
        hmac.compare_digest(b"v1," + expected, one.encode("utf-8", "replace")) for one in given.split(" ")
    ]
    if not any(verdicts):
        return Verdict.WRONG
    return Verdict.RIGHT if _is_recent(timestamp, now) else Verdict.OUTDATED


def standard_key(secret: str) -> bytes:
    """Return the bytes that sign: what `whsec_` hides in base64, or the secret as it is."""
    if secret.startswith(STANDARD_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(STANDARD_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            return secret.encode()
    return secret.encode()


def _is_recent(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(int(timestamp) - now.timestamp()) <= STANDARD_TOLERANCE.total_seconds()
