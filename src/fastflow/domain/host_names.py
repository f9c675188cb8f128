"""Reads by which name a request addressed the server, in the one spelling that names are compared in."""

import re
from typing import Final

from fastflow.domain.addresses import as_address

ANY: Final = "*"
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_HEADER: Final = re.compile(
    r"(?:\[(?P<six>[0-9a-fA-F:.]{2,45})\]|(?P<name>[^\[\]:/?#@\\\s]{1,254}))(?::\d{1,5})?"
)
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


def host_of_header(header: str) -> str | None:
    """Return the host that a `Host` header names, without its port; None: it names none."""
    found = _HEADER.fullmatch(header)
    if found is None:
        return None
    if found["six"] is not None:
        address = as_address(found["six"])
        return str(address) if address is not None else None
    return canonical(found["name"])


def canonical(host: str) -> str | None:
    """Return a name or address as all of its spellings are compared: in lower case and ASCII, no final dot.

    None: it can be neither.
    """
    address = as_address(host)
    if address is not None:
        return str(address)
    try:
        name = host.lower() if host.isascii() else host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    name = name.removesuffix(".")
    return name if all(_LABEL.fullmatch(label) for label in name.split(".")) else None
