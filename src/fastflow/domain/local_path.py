"""Tells paths of this server from addresses that lead away from it."""

import re
from typing import Final

_PATH: Final = re.compile(r"/(?![/\\])[!-\[\]-~]{0,1023}")
"""One slash, then printable ASCII but `\\\\`: browsers read that as `/`, and drop control characters."""


def local_path(text: str | None) -> str:
    """Return a path (with its query) of this server; `/` for whatever else was asked for.

    An address of another server would let links to the sign-in end anywhere (CWE-601).
    """
    return text if text is not None and _PATH.fullmatch(text) else "/"
