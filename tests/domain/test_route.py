"""What counts as a route, whatever a run has written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastflow.domain.route import LONGEST_ROUTE, READ_BYTES, is_route, read_route


@pytest.mark.parametrize(
    ("content", "route"),
    [
        (b"big", "big"),
        (b"big\n", "big"),
        (b"  big data \r\nmore\n", "big data"),
        ("größer\n".encode(), "größer"),
        (b"x" * LONGEST_ROUTE, "x" * LONGEST_ROUTE),
        ("𝄞".encode() * LONGEST_ROUTE, "𝄞" * LONGEST_ROUTE),
        (b"big\n\xff\x00 and a gigabyte", "big"),
        (b"", None),
        (b"\nbig\n", None),
        (b"   \n", None),
    ],
)
def test_the_first_line_is_the_route(content: bytes, route: str | None) -> None:
    assert read_route(content) == (route, None)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"x" * (LONGEST_ROUTE + 1), "longer than 256"),
        (b"x" * READ_BYTES, "longer than 256"),
        ("ö".encode() * (LONGEST_ROUTE + 1), "longer than 256"),
        (b"\xff\xfe", "not UTF-8"),
        (b"\x80" * 10, "not UTF-8"),
        (b"a\x00b", "can't be printed"),
        (b"a\tb", "can't be printed"),
        (b"a\x1b[31mb", "can't be printed"),
        ("a\u2028b".encode(), "can't be printed"),
    ],
)
def test_what_is_no_line_of_plain_text_is_ignored_with_a_warning(content: bytes, problem: str) -> None:
    route, warning = read_route(content)
    assert route is None
    assert warning is not None
    assert problem in warning


@given(st.binary(max_size=2000))
def test_whatever_was_written_a_route_can_be_stored_and_handed_on_as_a_variable(content: bytes) -> None:
    route, warning = read_route(content)
    assert route is None or (is_route(route) and warning is None and "\0" not in route)


@given(st.text(max_size=300).filter(is_route))
def test_every_route_that_can_be_asked_for_can_be_chosen(route: str) -> None:
    assert read_route(route.encode()).route == route
