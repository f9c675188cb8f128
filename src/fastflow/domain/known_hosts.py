"""Reads pinned SSH host keys: lines as in OpenSSH's known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""

import base64
import binascii
import hashlib
from typing import Final

from fastflow.domain.errors import Invalid
from fastflow.domain.repository import HostKey

MOST_LINES: Final = 100
_LONGEST_LINE: Final = 8192


def parse_known_hosts(text: str) -> list[HostKey]:
    """Return the keys of the lines; comments and empty lines are passed over.

    Raises:
        Invalid: `known_hosts_invalid`; names the line.
    """
    lines = [line.strip() for line in text.splitlines()]
    filled = [(number, line) for number, line in enumerate(lines, 1) if line and not line.startswith("#")]
    if len(filled) > MOST_LINES:
        raise _invalid(f"there are {len(filled)} lines; {MOST_LINES} are allowed")
    return [_host_key(number, line) for number, line in filled]


def _host_key(number: int, line: str) -> HostKey:
    parts = line.split()
    if len(line) > _LONGEST_LINE or not line.isprintable():
        raise _invalid(f"line {number} is too long or has control characters in it")
    if parts[0].startswith("@"):
        raise _invalid(f"line {number} has a marker ({parts[0][:20]}); pin the host's key itself")
    if len(parts) < 3:
        raise _invalid(f"line {number} is not `host type key`, as ssh-keyscan prints it")
    blob = _blob(parts[2])
    if blob is None or not blob.startswith(_wire(parts[1])):
        raise _invalid(f"line {number} has no key of the type {parts[1][:40]!r} in it")
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return HostKey(parts[1], f"SHA256:{digest}", line)


def _blob(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _wire(kind: str) -> bytes:
    """Return how the key's bytes begin: RFC 4253, section 6.6."""
    return len(kind).to_bytes(4, "big") + kind.encode()


def _invalid(problem: str) -> Invalid:
    return Invalid(
        "known_hosts_invalid", f"The pinned host keys can't be used: {problem}.", {"known_hosts": problem}
    )
