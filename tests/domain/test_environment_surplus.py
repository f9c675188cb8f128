"""Which environments have to go."""

from datetime import UTC, datetime, timedelta

import pytest

from fastflow.domain.environment import JUST_USED, KeptEnvironment, StoreBounds, StoreContents, surplus

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
GIB = 1024**3


def kept(key: str, unused_for: timedelta, gib: float = 1) -> KeptEnvironment:
    return KeptEnvironment(key, "", "3.11.2", int(gib * GIB), NOW - 90 * DAY, NOW - unused_for)


def contents(
    *environments: KeptEnvironment, cache_gib: float = 0, cache_only_gib: float = 0
) -> StoreContents:
    by_use = sorted(environments, key=lambda each: each.last_used_at, reverse=True)
    return StoreContents(tuple(by_use), int(cache_gib * GIB), int(cache_only_gib * GIB))


def keys(contents: StoreContents, bounds: StoreBounds, *in_use: str) -> tuple[list[str], bool]:
    gone, clears_cache = surplus(contents, bounds, in_use, NOW)
    return [each.key for each in gone], clears_cache


def test_what_nobody_asked_for_in_too_long_goes_unless_it_is_in_use() -> None:
    store = contents(kept("old", 31 * DAY), kept("needed", 40 * DAY), kept("young", 29 * DAY))
    assert keys(store, StoreBounds(30 * DAY), "needed") == (["old"], False)


def test_above_the_size_those_unused_for_longest_go_and_no_more_than_needed() -> None:
    store = contents(kept("a", 3 * DAY), kept("b", 2 * DAY), kept("c", DAY), kept("d", 4 * DAY))
    assert keys(store, StoreBounds(max_bytes=3 * GIB)) == (["d"], True)
    assert keys(store, StoreBounds(max_bytes=int(1.5 * GIB))) == (["d", "a", "b"], True)
    assert keys(store, StoreBounds(max_bytes=4 * GIB)) == ([], False)


def test_the_cache_goes_before_an_environment_does() -> None:
    store = contents(kept("a", DAY), cache_gib=3, cache_only_gib=3)
    assert keys(store, StoreBounds(max_bytes=2 * GIB)) == ([], True)


@pytest.mark.parametrize("unused_for", [timedelta(), JUST_USED - timedelta(seconds=1)])
def test_what_was_just_asked_for_stays_however_little_room_there_is(unused_for: timedelta) -> None:
    store = contents(kept("a", unused_for))
    assert keys(store, StoreBounds(timedelta(), max_bytes=1)) == ([], True)


def test_one_in_use_is_not_counted_as_a_way_to_make_room() -> None:
    store = contents(kept("used", 9 * DAY, gib=5), kept("idle", DAY))
    assert keys(store, StoreBounds(max_bytes=3 * GIB), "used") == (["idle"], True)


def test_the_cache_can_be_cleared_on_request() -> None:
    assert keys(contents(kept("a", DAY)), StoreBounds(keeps_cache=False)) == ([], True)
