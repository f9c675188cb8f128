"""Sizes, names and variables: what is accepted and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastflow.domain.limits import format_bytes, parse_bytes
from fastflow.domain.names import is_pipeline_name
from fastflow.domain.variables import MAX_VALUE_BYTES, MAX_VARIABLES, problems_of


@pytest.mark.parametrize(
    ("text", "size"),
    [("512m", 512 * 1024**2), ("1g", 1024**3), ("1.5g", 1536 * 1024**2), ("64k", 65536), ("100", 100)],
)
def test_sizes_are_read_as_docker_reads_them(text: str, size: int) -> None:
    assert parse_bytes(text) == size
    assert parse_bytes(text.upper()) == size


@pytest.mark.parametrize("text", ["", "m", "-1g", "0", "0m", "1x", "1 2", "nan", "\u0661g"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        parse_bytes(text)


@given(st.integers(1, 2**60))
def test_a_size_is_written_for_people(size: int) -> None:
    assert format_bytes(size).endswith("B")


@pytest.mark.parametrize("name", ["a", "A9", "my.pipe-line_2", "x" * 64])
def test_pipeline_names_that_are_allowed(name: str) -> None:
    assert is_pipeline_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", "-rf", "a/b", "a\n", "\uff41bc", "x" * 65, "ä", "a b", "_a"])
def test_pipeline_names_that_are_refused(name: str) -> None:
    assert not is_pipeline_name(name)


def test_ordinary_variables_pass() -> None:
    assert problems_of({"LOG_LEVEL": "INFO", "_x": "", "A1": "x" * MAX_VALUE_BYTES}) == {}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("1A", "x", "not a variable name"),
        ("A-B", "x", "not a variable name"),
        ("", "x", "not a variable name"),
        ("FASTFLOW_RUN_ID", "x", "reserved"),
        ("A", "a\0b", "NUL"),
        ("A", "ä" * (MAX_VALUE_BYTES // 2 + 1), "at most 16 KiB"),
    ],
)
def test_a_variable_that_is_refused_says_why(name: str, value: str, words: str) -> None:
    assert words in problems_of({name: value})[f"env_vars.{name}"]


def test_too_many_variables_are_refused() -> None:
    assert "env_vars" in problems_of({f"V{n}": "" for n in range(MAX_VARIABLES + 1)})
    assert not problems_of({f"V{n}": "" for n in range(MAX_VARIABLES)})
