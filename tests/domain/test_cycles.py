"""The cycles among pipelines: true, complete and always the same."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastflow.domain.cycles import MOST_CYCLES, cycles_of

ARROWS = st.sets(st.tuples(st.sampled_from("abcdefg"), st.sampled_from("abcdefg")), max_size=20)


@pytest.mark.parametrize(
    ("arrows", "cycles"),
    [
        ("", []),
        ("ab bc ac", []),
        ("aa", ["aa"]),
        ("ab ba", ["aba"]),
        ("cb bc", ["bcb"]),
        ("ab bc ca", ["abca"]),
        ("ab ba bc cb", ["aba", "bcb"]),
        ("ab ba ac ca", ["aba", "aca"]),
        ("ab bc ca aa", ["aa", "abca"]),
        ("ab ba cd dc bc", ["aba", "cdc"]),
        ("xa ab ba by", ["aba"]),
    ],
)
def test_each_cycle_is_found_once_and_begins_with_its_first_name(arrows: str, cycles: list[str]) -> None:
    found = cycles_of((arrow[0], arrow[1]) for arrow in arrows.split())
    assert ["".join(cycle) for cycle in found] == cycles


def reaches(arrows: set[tuple[str, str]], begin: str, end: str) -> bool:
    seen = {begin}
    while True:
        more = {b for a, b in arrows if a in seen} - seen
        if end in seen:
            return True
        if not more:
            return False
        seen |= more


@given(ARROWS)
def test_the_cycles_are_true_unique_and_cover_every_arrow_that_is_part_of_one(
    arrows: set[tuple[str, str]],
) -> None:
    cycles = cycles_of(arrows)
    steps = [list(itertools.pairwise(cycle)) for cycle in cycles]
    assert all(step in arrows for cycle in steps for step in cycle)
    assert all(len(set(cycle)) == len(cycle) for cycle in steps), "no pipeline twice in one cycle"
    assert len(set(cycles)) == len(cycles)
    covered = {step for cycle in steps for step in cycle}
    assert covered == {(a, b) for a, b in arrows if reaches(arrows, b, a)}


@given(ARROWS)
def test_the_cycles_do_not_depend_on_the_order_of_discovery(
    arrows: set[tuple[str, str]],
) -> None:
    assert cycles_of(sorted(arrows)) == cycles_of(sorted(arrows, reverse=True))


def test_a_cycle_longer_than_pythons_stack_is_found() -> None:
    names = [f"p{number:05}" for number in range(5_000)]
    (cycle,) = cycles_of(zip(names, [*names[1:], names[0]], strict=True))
    assert cycle == (*names, names[0])


def test_where_everything_starts_everything_only_so_many_cycles_are_listed() -> None:
    names = [f"p{number}" for number in range(60)]
    assert len(cycles_of((a, b) for a in names for b in names)) == MOST_CYCLES


def test_in_a_huge_tangle_the_search_ends_early_but_finds_something() -> None:
    names = [f"p{number:04}" for number in range(2_000)]
    arrows = [
        (name, names[(i * 7 + step * 131) % 2_000]) for i, name in enumerate(names) for step in range(100)
    ]
    assert 0 < len(cycles_of(arrows)) < MOST_CYCLES
