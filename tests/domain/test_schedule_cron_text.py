"""What the manifest lets pass can be computed, and what can be computed passes."""

from datetime import UTC, datetime
from itertools import islice

import pytest
from cronsim import CronSim, CronSimError
from hypothesis import example, given
from hypothesis import strategies as st

from fastflow.domain.manifest.cron import NEVER_DUE, cron_problem, for_cronsim
from fastflow.domain.schedule.cron_expression import read_cron
from tests.domain.cron_texts import likely_cron_texts

START = datetime(2026, 1, 1)
almost_cron_texts = st.lists(
    st.text(alphabet="0123456789*-/,#LWfrimonJ", min_size=1, max_size=4), min_size=5, max_size=5
).map(" ".join)


def computed(text: str) -> list[datetime] | None:
    """Return the next two moments; None where cronsim refuses the expression or never finds any."""
    try:
        return list(islice(CronSim(text, START.replace(tzinfo=UTC)), 2)) or None
    except CronSimError:
        return None


@given(likely_cron_texts | almost_cron_texts)
@example("0 0 30-30/1 2 *")
@example("0 0 31 2-2/1 *")
@example("0 0 * * FRIL")
@example("0 0 * * 5L,1#2")
@example("* * LW * mon-5/2")
def test_what_passes_can_be_computed(text: str) -> None:
    if cron_problem(text) is None:
        assert computed(for_cronsim(text)) is not None
        assert next(read_cron(text).walls_from(START), None) is not None


@given(likely_cron_texts | almost_cron_texts)
@example("0 0 LW * *")
@example("0 0 29 2 1")
def test_what_can_be_computed_passes(text: str) -> None:
    # Numbers of 3 digits (007) and steps after L, which cronsim takes and ignores, are mistakes to us.
    is_plain = "L/" not in text and "LW/" not in text and _longest_number(text) <= 2
    if is_plain and computed(text) is not None:
        assert cron_problem(text) is None


def _longest_number(text: str) -> int:
    digits = "".join(letter if letter.isdigit() else " " for letter in text)
    return max(map(len, digits.split()), default=0)


@given(likely_cron_texts)
def test_well_formed_text_is_refused_only_for_what_it_means(text: str) -> None:
    assert cron_problem(text) in (None, NEVER_DUE)


@pytest.mark.parametrize(
    "text", ["0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 31 2-2/1 *", "0 0 */29 2 1#5"]
)
def test_what_is_never_due_is_refused(text: str) -> None:
    assert cron_problem(text) == NEVER_DUE


@pytest.mark.parametrize(
    "text", ["0 0 29 2 *", "0 0 31 2 1", "0 0 31 1,2 *", "0 0 29 2 1#5", "0 0 */2 2 1#5"]
)
def test_what_is_rarely_due_passes(text: str) -> None:
    assert cron_problem(text) is None


def test_a_range_of_one_with_a_step_is_one() -> None:
    assert [moment.minute for moment in read_cron("5-5/2 0 * * *").times] == [5]
    assert [moment.minute for moment in read_cron("05-5/2 0 * * *").times] == [5]
    assert [moment.minute for moment in read_cron("5/20 0 * * *").times] == [5, 25, 45]
