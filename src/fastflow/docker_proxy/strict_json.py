"""Reads JSON as one reading only: what another parser could understand differently is refused.

The Engine's parser matches keys without regard to case (`privileged`, even a long s for an s), merges
repeated objects and ignores what follows the first value. Nobody who means well writes such a body.
"""

import json
import re
from typing import Any, Final

from fastflow.docker_proxy.refusal import Refused

DEEPEST: Final = 8
"""Our deepest body, the options of a mount, has four."""
_TOKEN: Final = re.compile(
    r'"(?P<string>(?:[^"\\]|\\.)*)"(?P<is_key>[ \t\r\n]*:)?|(?P<open>[\[{])|[\]}]', re.DOTALL
)
_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_./-]{1,128}")


def read_json(content: bytes) -> Any:
    """Return the value.

    Raises:
        Refused: it is no JSON, or could be read in two ways.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"the body is not UTF-8: byte {error.start}") from error
    _scan(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_members, parse_constant=_no_constant, parse_float=_no_fraction
        )
        # A surrogate without its other half, or a NUL, is read differently by the Engine and the kernel.
        has_nul = "\\u0000" in json.dumps(value)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refused(f"the body is no JSON: {error}") from error
    if has_nul:
        raise Refused("the body has a NUL character")
    return value


def _scan(text: str) -> None:
    """Look at the keys as they are written, before any parser makes them equal; and at the depth."""
    depth = 0
    for token in _TOKEN.finditer(text):
        if token["is_key"] is not None:
            if not _PLAIN_KEY.fullmatch(token["string"]):
                raise Refused(f"the key {token['string'][:60]!a} is written with other than plain characters")
        elif token["open"] is not None:
            depth += 1
            if depth > DEEPEST:
                raise Refused(f"the body is nested more than {DEEPEST} deep")
        elif token["string"] is None:
            depth -= 1


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        if key in members:
            raise Refused(f"the key {key!a} occurs twice")
        members[key] = value
    return members


def _no_constant(text: str) -> Any:
    raise Refused(f"the body has {text}, which is no number of JSON")


def _no_fraction(text: str) -> Any:
    raise Refused(f"the body has {text[:40]}, and no field of ours is a fraction")
