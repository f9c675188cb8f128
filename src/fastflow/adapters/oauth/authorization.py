"""What both kinds of providers have in common: the address to go to, the e-mail address that comes back."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_LONGEST_EMAIL: Final = 254
"""RFC 5321, 4.5.3.1.3."""


def with_query(url: str, parameters: Mapping[str, str]) -> str:
    """Return the address with these added to its query."""
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()])
    return urlunsplit(parts._replace(query=query, fragment=""))


def vouched_email(text: object) -> str | None:
    """Return a verified e-mail address in lower case; None where it is none.

    It is never shortened, and beyond ASCII there are letters whose small form is an ASCII one: either way
    an address would end in another domain than the one that was verified.
    """
    if not isinstance(text, str) or not text.isascii() or not text.isprintable() or " " in text:
        return None
    local, at, domain = text.partition("@")
    is_whole = bool(local and at and domain) and "@" not in domain and len(text) <= _LONGEST_EMAIL
    return text.lower() if is_whole else None
