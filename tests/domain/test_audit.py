"""What the audit log may hold: what differs, values of known fields only, cut to size."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from fastflow.domain.audit import HIDDEN, NAMES_ONLY, SHOWN, differences, harmless, plain

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_only_what_differs_is_told() -> None:
    before, after = differences({"branch": "main", "url": "u"}, {"branch": "next", "url": "u", "subdir": "x"})
    assert before == {"branch": "main", "subdir": None}
    assert after == {"branch": "next", "subdir": "x"}


def test_of_what_was_made_or_deleted_all_is_told() -> None:
    assert differences(None, {"branch": "main"}) == (None, {"branch": "main"})
    assert differences({"branch": "main"}, None) == ({"branch": "main"}, None)


def test_a_field_that_nobody_allowed_is_hidden() -> None:
    assert harmless({"token": "ghp_abc", "branch": "main"}) == {"token": HIDDEN, "branch": "main"}


def test_of_variables_and_parameters_only_the_names_are_told() -> None:
    assert harmless({"variables": {"B": "secret", "A": "secret"}}) == {"variables": ["A", "B"]}


def test_what_is_called_variables_and_is_no_object_is_hidden() -> None:
    assert harmless({"variables": "A=secret"}) == {"variables": HIDDEN}


def test_an_object_under_a_known_name_is_hidden() -> None:
    assert harmless({"url": {"password": "secret"}, "branch": [{"token": "secret"}]}) == {
        "url": HIDDEN,
        "branch": [HIDDEN],
    }


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://user:secret@host/x.git", "https://host/x.git"),
        ("https://ghp_secret@host/x.git", "https://host/x.git"),
        ("https://host/x?token=secret#secret", f"https://host/x?{HIDDEN}"),
        ("https://host/x#secret", f"https://host/x?{HIDDEN}"),
        ("see https://a:secret@host/ and https://b:secret@host/", "see https://host/ and https://host/"),
        ("git@host:team/x.git", "git@host:team/x.git"),
    ],
)
def test_urls_lose_their_credentials(url: str, told: str) -> None:
    assert plain(url) == told


def test_a_credential_at_the_cut_does_not_stay() -> None:
    assert "secret" not in plain("x" * 180 + "https://user:secret-" + "s" * 100 + "@host/")


@given(JSON)
def test_whatever_is_handed_in_stays_small_and_storable(value: JsonValue) -> None:
    told = harmless({name: value for name in (*SHOWN, *NAMES_ONLY, "other")})
    text = json.dumps(told, ensure_ascii=False)
    assert len(text) <= 4_000
    assert "\x00" not in text
    text.encode()


@given(st.dictionaries(st.text(min_size=1), st.just("hunter2")))
def test_no_value_of_an_unknown_field_gets_in(facts: dict[str, JsonValue]) -> None:
    unknown = {name: value for name, value in facts.items() if name not in SHOWN}
    told = harmless(unknown)
    assert told is not None
    assert "hunter2" not in told.values()
