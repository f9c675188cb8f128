"""Cron expressions as Hypothesis strategies: many that are valid, some that are not."""

from typing import Final

from hypothesis import strategies as st

from fastflow.domain.manifest.cron import cron_problem

_WORDS: Final = {
    4: ("JAN", "feb", "Mar", "DEC"),
    5: ("SUN", "mon", "Wed", "SAT"),
}


def _field(position: int, lowest: int, highest: int) -> st.SearchStrategy[str]:
    number = st.integers(lowest, highest).map(str) | st.sampled_from(_WORDS.get(position, ("5",)))
    step = st.integers(1, highest + 2)
    pair = st.tuples(st.integers(lowest, highest), st.integers(lowest, highest)).map(sorted)
    kinds = [
        number,
        st.just("*"),
        step.map("*/{}".format),
        pair.map(lambda ends: f"{ends[0]}-{ends[1]}"),
        st.tuples(pair, step).map(lambda each: f"{each[0][0]}-{each[0][1]}/{each[1]}"),
        st.tuples(number, step).map(lambda each: f"{each[0]}/{each[1]}"),
    ]
    if position == 3:
        kinds.append(st.sampled_from(["L", "LW"]))
    if position == 5:
        kinds.append(number.map("{}L".format))
        kinds.append(st.tuples(number, st.integers(1, 5)).map(lambda each: f"{each[0]}#{each[1]}"))
    part = st.one_of(kinds)
    return st.one_of(st.just("*"), part, st.lists(part, min_size=2, max_size=3).map(",".join))


_BOUNDS: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
likely_cron_texts: Final = st.tuples(
    *(_field(position, *bounds) for position, bounds in enumerate(_BOUNDS, start=1))
).map(" ".join)
"""Well formed; a few name numbers out of range or dates that do not exist."""
due_cron_texts: Final = likely_cron_texts.filter(lambda text: cron_problem(text) is None)
