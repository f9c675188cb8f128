"""A moving window: so many within any minute, and not one more."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fastflow.domain.rate_limit import RateLimit

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_the_first_ones_pass_and_the_next_is_told_how_long_to_wait() -> None:
    limit = RateLimit(3)
    assert [limit.hit("a", at(second)) for second in (0, 10, 20)] == [None, None, None]
    assert limit.hit("a", at(30)) == timedelta(seconds=30)
    assert limit.hit("a", at(59)) == timedelta(seconds=1)
    assert limit.hit("a", at(60)) is None
    assert limit.hit("a", at(61)) == timedelta(seconds=9)


def test_names_are_counted_apart() -> None:
    limit = RateLimit(1)
    assert limit.hit("a", at(0)) is None
    assert limit.hit("b", at(0)) is None
    assert limit.hit("a", at(1)) is not None


def test_asking_counts_nothing() -> None:
    limit = RateLimit(1)
    assert [limit.wait("a", at(0)) for _ in range(5)] == [None] * 5
    assert limit.hit("a", at(0)) is None
    assert limit.wait("a", at(1)) == timedelta(seconds=59)


def test_nobody_waits_for_a_clock_that_was_set_back() -> None:
    limit = RateLimit(1)
    limit.hit("a", at(3600))
    assert limit.hit("a", at(0)) is None
    assert limit.hit("a", at(1)) == timedelta(seconds=59)


def test_any_number_of_names_needs_bounded_memory() -> None:
    limit = RateLimit(1)
    for number in range(10_001):
        limit.hit(str(number), at(0))
    assert limit.wait("0", at(1)) is None, "the one quiet for longest is forgotten"
    assert limit.wait("1", at(1)) is not None


@given(st.lists(st.floats(0, 30), max_size=60))
def test_no_window_ever_holds_more_than_the_limit(gaps: list[float]) -> None:
    limit, second, passed = RateLimit(5), 0.0, list[float]()
    for gap in gaps:
        second += gap
        if limit.hit("a", at(second)) is None:
            passed.append(second)
    for later, earlier in zip(passed[5:], passed, strict=False):
        assert at(later) - at(earlier) >= timedelta(minutes=1)
