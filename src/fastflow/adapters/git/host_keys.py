"""Asks an SSH server for its host keys, so that somebody can compare and pin them."""

import base64
import binascii
import hashlib
import re
from datetime import timedelta
from typing import Final

from fastflow.adapters.git.addresses import Place
from fastflow.adapters.git.command import GitCommand
from fastflow.domain.errors import Invalid, Unavailable
from fastflow.domain.repository import HostKey

_WAIT_SECONDS: Final = 10
_TYPES: Final = "ed25519,ecdsa,rsa"
_LINE: Final = re.compile(r"(?P<host>\S+) (?P<type>[a-z0-9@.-]+) (?P<key>[A-Za-z0-9+/=]+)")


async def ask_host_keys(git: GitCommand, place: Place) -> list[HostKey]:
    """Return the keys that the server at that place shows.

    Raises:
        Invalid: `url_invalid`; it is no SSH URL.
        Unavailable: `git_host_unreachable`, `ssh_missing`.
    """
    url = place.url
    if url.scheme != "ssh":
        raise Invalid(
            "url_invalid", f"{url} is not reached by SSH, so it has no host keys.", {"url": str(url)}
        )
    host = place.addresses[0] if place.addresses else url.host
    arguments = ["-T", str(_WAIT_SECONDS), "-p", str(url.port), "-t", _TYPES, "--", host]
    # It asks for one type after the other.
    time_limit = timedelta(seconds=_WAIT_SECONDS * (_TYPES.count(",") + 2))
    ended = await git.run_other("ssh-keyscan", arguments, time_limit)
    keys: list[HostKey] = []
    for line in ended.stdout.decode(errors="replace").splitlines():
        match = _LINE.fullmatch(line.strip())
        if match is not None:
            key = f"{match['type']} {match['key']}"
            line = f"{url.known_hosts_name} {key}"
            keys.append(HostKey(match["type"], fingerprint(match["key"]), line))
    if not keys:
        raise Unavailable(
            "git_host_unreachable",
            f"No SSH server answers at {url.host}, port {url.port}. Check the URL and the network.",
            {"host": url.host, "port": url.port},
        )
    return keys


def fingerprint(key: str) -> str:
    """Return a key's fingerprint as ssh shows it: the SHA-256 of its bytes, in Base64 without padding."""
    try:
        raw = base64.b64decode(key, validate=True)
    except binascii.Error:
        raw = b""
    return f"SHA256:{base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip('=')}"
