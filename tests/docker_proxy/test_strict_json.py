"""A body has one reading, or is refused."""

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastflow.docker_proxy.refusal import Refused
from fastflow.docker_proxy.strict_json import DEEPEST, read_json

TWO_READINGS = {
    "a key twice": '{"A":1,"A":2}',
    "a key twice, further in": '{"A":{"B":1,"B":2}}',
    "a key twice, once escaped": '{"A":1,"\\u0041":2}',
    "an escaped key": '{"\\u0041":1}',
    "an escaped slash in a key": '{"a\\/b":1}',
    "an escaped key after a text that ends in a backslash": '{"A":"\\\\","\\u0042":1}',
    "an escaped key after a quote in a text": '{"A":"\\"","\\u0042":1}',
    "an escaped key before spaces and a colon": '{"\\u0041" \t\r\n:1}',
    "a key beyond ASCII": '{"Bind\u017f":1}',
    "an empty key": '{"":1}',
    "more after the end": '{"A":1} {}',
    "a second line": '{"A":1}\n{"A":2}',
    "a byte order mark": '\ufeff{"A":1}',
    "no value": "",
    "NaN": '{"A":NaN}',
    "Infinity": '{"A":-Infinity}',
    "a fraction": '{"A":1.5}',
    "an exponent": '{"A":1e3}',
    "a NUL": '{"A":"\\u0000"}',
    "half of a pair": '{"A":"\\ud800"}',
    "a comma too many": '{"A":1,}',
    "single quotes": "{'A':1}",
    "a control character": '{"A":"\n"}',
    "too deep": "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
    "far too deep": "[" * 100_000,
    "a number without end": '{"A":' + "1" * 5000 + "}",
}


@pytest.mark.parametrize("name", TWO_READINGS)
def test_what_two_parsers_may_read_differently_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        read_json(TWO_READINGS[name].encode())


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(Refused, match="UTF-8"):
        read_json(b'{"A":"\xff"}')


@pytest.mark.parametrize(
    "value", ["é \u2028 \U0001f600", '"quoted": \\ and \\u0041', "\t\r\n\x7f", "{[}]", '","A":1']
)
def test_values_may_say_anything_however_they_are_escaped(value: str) -> None:
    for is_escaped in (True, False):
        body = json.dumps({"Env": [value]}, ensure_ascii=is_escaped)
        assert read_json(body.encode()) == {"Env": [value]}


KEYS = st.from_regex(r"[A-Za-z0-9_./-]{1,8}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.booleans())
def test_what_our_client_writes_is_read_as_it_was_meant(value: dict[str, object], is_escaped: bool) -> None:
    text = json.dumps(value, ensure_ascii=is_escaped)
    if _depth(value) <= DEEPEST:
        assert read_json(text.encode()) == value


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), st.data())
def test_a_key_that_is_written_again_is_found_wherever_it_stands(
    value: dict[str, object], data: st.DataObject
) -> None:
    again = data.draw(st.sampled_from(sorted(value)))
    text = json.dumps(value)[:-1] + f", {json.dumps(again)}: 1}}"
    with pytest.raises(Refused):
        read_json(text.encode())


def _depth(value: Any) -> int:
    match value:
        case dict():
            return 1 + max(map(_depth, cast("dict[str, Any]", value).values()), default=0)
        case list():
            return 1 + max(map(_depth, cast("list[Any]", value)), default=0)
        case _:
            return 0
