"""No text that anybody sends keeps the server busy for longer than its length deserves."""

import re
from itertools import groupby
from typing import Any

import pytest

from fastflow.adapters.files.log_search import records_with
from fastflow.adapters.uv.script_metadata import read_script_metadata
from fastflow.domain.audit import plain
from tests.expressions.attacking import Attack, attacks_on
from tests.expressions.collecting import Expression, expressions, untold
from tests.expressions.growing import Work, grows_too_fast, use_of

ALL = expressions()
BY_PLACE = [(place, list(found)) for place, found in groupby(ALL, lambda found: found.place)]


def slow_text(pattern: re.Pattern[Any], use: str) -> Attack | None:
    """Return what an expression is too slow for."""
    work = use_of(pattern, use)
    return next((attack for attack in attacks_on(pattern) if grows_too_fast(work, attack)), None)


@pytest.mark.parametrize(("place", "found"), BY_PLACE, ids=[place for place, _ in BY_PLACE])
def test_an_expression_takes_time_by_the_length_of_its_text(place: str, found: list[Expression]) -> None:
    for expression in found:
        for use in expression.uses:
            slow = slow_text(expression.pattern, use)
            assert slow is None, f"{place}: {use} of {expression.pattern.pattern!r} is slow for {slow}"


def test_every_expression_is_seen() -> None:
    assert untold() == [], "make it a constant of the module: what is put together later can't be looked at"
    assert len(ALL) > 120
    assert {"domain/git_url.py", "adapters/git/failures.py", "/api/runs/{run_id}"} <= {
        expression.place for expression in ALL
    }


@pytest.mark.parametrize(
    ("pattern", "use"),
    [
        (r"(a+)+", "fullmatch"),
        (r"(a|a)*b", "match"),
        (r"(?:a|aa)+!", "match"),
        (r"([a-z]+)*\d", "match"),
        (r"(\w+\s?)*:", "match"),
        (r"a*a*b", "match"),
        (r"[a-z0-9]+@", "search"),
        (r"\s+$", "search"),
        (r"begin.*end", "search"),
        (r"(://[^?#\s]*)[?#]\S*", "search"),
        (r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$", "search"),
    ],
)
def test_a_bad_expression_is_found_out(pattern: str, use: str) -> None:
    assert slow_text(re.compile(pattern), use) is not None


@pytest.mark.parametrize(
    ("pattern", "use"),
    [
        (r"(?:[a-z]+\.)*[a-z]+", "fullmatch"),
        (r"a{1,50}b", "search"),
        (r"\n[^\n]*", "search"),
        (r"#.*", "search"),
    ],
)
def test_a_good_expression_is_let_be(pattern: str, use: str) -> None:
    assert slow_text(re.compile(pattern), use) is None


def _search_log(text: str, needle: str) -> list[int]:
    record = b"1700000000000000000o " + text.replace("\n", "").encode() + b"\n"
    return list(records_with(needle)(record))


def _lines_of_log(text: str, needle: str) -> list[int]:
    records = b"".join(b"1700000000000000000o " + part.encode() + b"\n" for part in text.split("\n"))
    return list(records_with(needle)(records))


BY_HAND: list[tuple[Work, Attack]] = [
    (lambda text: _search_log(text, "a" * 499 + "b"), Attack("", "a", "")),
    (lambda text: _search_log(text, "b" + "a" * 499), Attack("", "a", "")),
    (lambda text: _search_log(text, "ab" * 249 + "aa"), Attack("", "ab", "")),
    (lambda text: _lines_of_log(text, "0"), Attack("", "a\n", "")),
    (lambda text: _lines_of_log(text, "a"), Attack("", "a\n", "")),
    (plain, Attack("", "://", "")),
    (plain, Attack("", "://a?", "")),
    (plain, Attack("", "a", "://")),
    (lambda text: read_script_metadata(text.encode()), Attack("", "# /// other\n", "")),
    (lambda text: read_script_metadata(text.encode()), Attack("", "# /// a\n# ///\n", "")),
    (lambda text: read_script_metadata(text.encode()), Attack("# /// a\n", "#\n", "x")),
]


@pytest.mark.parametrize(("work", "attack"), BY_HAND)
def test_what_is_done_by_hand_takes_time_by_the_length_of_its_text_too(work: Work, attack: Attack) -> None:
    assert not grows_too_fast(work, attack)


@pytest.mark.parametrize("needle", [".*", "(a+)+$", "a|b", "[a-z]", "\\w", "^line"])
def test_what_is_searched_for_in_a_log_is_a_text_and_no_expression(needle: str) -> None:
    assert _search_log("line aaaa", needle) == []
    assert _search_log(f"line {needle} end", needle) == [0]
