"""The forms in which a program may print a value that it was given as a secret."""

import base64
import html
import json
import shlex
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import quote, quote_plus

from fastflow.domain.secret import SHORTEST, maskable_lines

_WRAPPED_AT: Final = (64, 76)
"""Characters in a line of base64: of PEM (RFC 7468) and of MIME (RFC 2045), which `base64` follows."""
_SHORTEST_REST: Final = 8
"""Of a value's last line of wrapped base64: a shorter one is five bytes at most."""


class Form(NamedTuple):
    """One way to write a value. Never with a newline: a log is lines."""

    text: bytes
    has_half_before: bool = False
    """The base64 digit before it holds bits of the value too, and bits of what stands there."""
    has_half_after: bool = False


def forms_of(value: str) -> set[Form]:
    """Return every form of a value that is looked for."""
    lines = maskable_lines(value)
    written = {value, *lines}
    for text in (value, *lines):
        written.update(_escaped(text))
    forms = {Form(text.encode()) for text in written if len(text) >= SHORTEST}
    for data in (value.encode(), value.strip().encode()):
        forms |= {Form(text.encode()) for text in (data.hex(), data.hex().upper())}
        forms.update(_in_base64(data))
    return {form for form in forms if b"\n" not in form.text}


def _escaped(text: str) -> Iterator[str]:
    in_json = json.dumps(text)[1:-1]
    yield in_json
    yield in_json.replace("/", r"\/")  # as PHP does
    yield json.dumps(text, ensure_ascii=False)[1:-1]  # as JavaScript does
    yield json.dumps(in_json)[1:-1]  # a JSON text within another
    yield _with_upper_case_escapes(in_json)
    for safe in ("", "/", "!'()*", ";,/?:@&=+$-_.!~*'()#"):  # quote(), encodeURIComponent(), encodeURI()
        yield quote(text, safe=safe)
        yield _lower(quote(text, safe=safe))
    yield quote_plus(text)
    yield _lower(quote_plus(text))
    yield repr(text)[1:-1]
    yield repr(text.encode())[2:-1]
    yield text.encode("unicode_escape").decode("ascii")
    yield shlex.quote(text)[1:-1] if shlex.quote(text) != text else text
    yield text.replace("'", "'\\''")  # as shells show it that trace (set -x)
    yield html.escape(text)
    yield html.escape(text, quote=False)


def _with_upper_case_escapes(text: str) -> str:
    r"""Return JSON whose \u escapes are in upper case, as some libraries write them."""
    head, *rest = text.split("\\u")
    return head + "".join(f"\\u{part[:4].upper()}{part[4:]}" for part in rest)


def _lower(text: str) -> str:
    """Return a URL whose escapes are in lower case, as some libraries write them."""
    head, *rest = text.split("%")
    return head + "".join(f"%{part[:2].lower()}{part[2:]}" for part in rest)


def _in_base64(data: bytes) -> Iterator[Form]:
    """Yield the digits that data has in base64 wherever it stands in what was encoded.

    A digit holds six bits. Those at the ends may be shared with the neighbours.
    """
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):
            bits = 8 * (before + len(data))
            first, end = -(-8 * before // 6), bits // 6
            digits = encode(bytes(before) + data)[first:end]
            yield Form(digits, has_half_before=before > 0, has_half_after=bits % 6 > 0)
    whole = base64.b64encode(data)
    for width in _WRAPPED_AT:
        for start in range(0, len(whole), width):
            line = whole[start : start + width].rstrip(b"=")
            if len(whole) > width and len(line) >= _SHORTEST_REST:
                yield Form(line)
