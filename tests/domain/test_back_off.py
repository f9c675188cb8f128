"""Who fails again and again waits ever longer, and is forgiven in the end."""

from datetime import UTC, datetime, timedelta

from fastflow.domain.back_off import BackOff

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LONGEST = timedelta(seconds=60)


def failed(times: int, *, name: str = "ann") -> BackOff:
    back_off = BackOff(3, SECOND, LONGEST)
    for _ in range(times):
        back_off.fail(name, NOW)
    return back_off


def test_each_failure_after_the_free_ones_doubles_the_wait_up_to_the_longest() -> None:
    waits = [failed(times).wait("ann", NOW) for times in range(11)]
    seconds = [None if wait is None else wait.total_seconds() for wait in waits]
    assert seconds == [None, None, None, 1, 2, 4, 8, 16, 32, 60, 60]
    assert failed(10_000).wait("ann", NOW) == LONGEST


def test_the_wait_is_for_that_name_only_and_passes() -> None:
    back_off = failed(4)
    assert back_off.wait("bob", NOW) is None
    assert back_off.wait("ann", NOW + SECOND) == SECOND
    assert back_off.wait("ann", NOW + 2 * SECOND) is None


def test_who_is_right_begins_anew() -> None:
    back_off = failed(9)
    back_off.forget("ann")
    back_off.forget("nobody")
    back_off.fail("ann", NOW)
    assert back_off.wait("ann", NOW) is None


def test_failures_fade_only_after_twice_the_longest_wait() -> None:
    almost, then = NOW + 2 * LONGEST - SECOND, NOW + 2 * LONGEST
    remembering, forgetting = failed(9), failed(9)
    remembering.fail("ann", almost)
    assert remembering.wait("ann", almost) == LONGEST
    forgetting.fail("ann", then)
    assert forgetting.wait("ann", then) is None


def test_nobody_waits_for_a_clock_that_was_set_back() -> None:
    assert failed(9).wait("ann", NOW - SECOND) is None


def test_the_name_that_was_quiet_for_longest_is_forgotten_for_a_new_one() -> None:
    back_off = failed(3)
    for number in range(10_000):
        back_off.fail(f"user{number}", NOW)
    assert back_off.wait("ann", NOW) is None
