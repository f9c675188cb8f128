"""Which texts can be stored, and where the first is that can't."""

import pytest
from pydantic import JsonValue

from fastflow.domain.text import unstorable_place


@pytest.mark.parametrize("value", ["", "text", "\U0001f600", ["\x01"], {"a": 1}, None, 7])
def test_what_utf8_can_spell_is_storable(value: JsonValue) -> None:
    assert unstorable_place(value) is None


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("\0", "body"),
        ({"a": ["x", "\ud800"]}, "a[1]"),
        ({"a": {"b": "x\0"}}, "a.b"),
        ({"a\0": 1}, '["a\\u0000"]'),
    ],
)
def test_the_place_is_told(value: JsonValue, place: str) -> None:
    assert unstorable_place(value) == place
