"""Looks at the head of a request before its path: only what Fast-Flow's own client sends."""

from collections.abc import Sequence
from typing import Final

from aiohttp import HttpVersion, HttpVersion11

from fastflow.docker_proxy.policy import Policy
from fastflow.docker_proxy.refusal import Refused

LARGEST_BODY_BYTES: Final = 4 * 1024**2
_KNOWN: Final = frozenset(
    {"host", "accept", "accept-encoding", "user-agent", "content-type", "content-length", "connection"}
)
"""Not among them: whatever upgrades, chunks, compresses or forwards, and what browsers send."""


def body_length(version: HttpVersion, headers: Sequence[tuple[bytes, bytes]], policy: Policy) -> int:
    """Return how many bytes of body follow.

    Raises:
        Refused: a header is unknown, doubled, or has a value of which a parser could make something else.
    """
    if version != HttpVersion11:
        raise Refused("only HTTP/1.1 is spoken here")
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = raw_name.decode("latin-1").lower()
        if name not in _KNOWN:
            raise Refused(f"the header {name[:60]!a} is none that Fast-Flow sends")
        if name in found:
            raise Refused(f"the header {name} occurs twice")
        found[name] = raw_value.decode("latin-1")
    if policy.hosts and found.get("host") not in policy.hosts:
        raise Refused(f"Host {found.get('host', '')[:100]!a} is not this proxy's address")
    if found.get("connection", "keep-alive").lower() not in ("keep-alive", "close"):
        raise Refused("Connection may be keep-alive or close")
    return _length(found)


def _length(found: dict[str, str]) -> int:
    text = found.get("content-length", "0")
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise Refused("Content-Length is no plain number")
    length = int(text)
    if length > LARGEST_BODY_BYTES:
        raise Refused(f"a body of {length} bytes is over {LARGEST_BODY_BYTES}")
    if length and found.get("content-type") != "application/json":
        raise Refused("Content-Type of a body has to be application/json")
    return length
