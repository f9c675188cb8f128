"""What becomes of each occurrence that is due: a run, coalesced into one, or skipped with a reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final

from fastflow.domain.manifest.models import CatchUp
from fastflow.domain.schedule.occurrences import TICK, Stretch, occurrences, stretch
from fastflow.domain.schedule.rule import Rule

LARGEST_LIMIT: Final = 1000
"""The most runs that one catch-up may start; the schema's maximum of `catch_up_limit`."""
OWN_ROWS: Final = 1000
"""So many missed occurrences without a run are settled one by one, the older ones in one sum: the
downtime of an interval of one second must not fill the disk."""


class OccurrenceResult(StrEnum):
    """What became of an occurrence."""

    RUN = "run"
    """It makes a run."""
    COALESCED = "coalesced"
    """The run of a later occurrence stands for it."""
    SKIPPED = "skipped"
    """Nothing runs for it, for a reason."""


@dataclass(frozen=True, slots=True)
class Settled:
    """One occurrence, or a range of them summed up, and what becomes of it."""

    due_at: datetime
    """The moment; of a range the last one."""
    result: OccurrenceResult
    reason_code: str | None
    """`missed`, `over_limit`, `coalesced`; whoever else settles adds words of its own (`paused`)."""
    reason: str | None
    """A sentence for people. None: it ran when it was due."""
    is_late: bool
    """It makes up for a missed one: to be started paced, after what is on time."""
    count: int = 1
    """How many occurrences this stands for."""
    first_due_at: datetime | None = None
    """The first moment of a range; None where there is only one."""


def settle(
    rule: Rule,
    accounted_until: datetime,
    now: datetime,
    *,
    policy: CatchUp,
    limit: int | None,
    grace: timedelta,
) -> list[Settled]:
    """Settle every occurrence in (accounted_until, now], ascending; their counts add up to all of them.

    What is due at most `grace` ago is on time, each a run of its own; older ones are missed and the
    policy decides. `limit` counts the runs of `CatchUp.ALL`; None means 1,000.
    """
    if now <= accounted_until:
        return []
    on_time_after = max(accounted_until, now - grace - TICK)
    on_time = stretch(rule, on_time_after, now, keep=_ALL)
    if on_time_after <= accounted_until:
        return [_on_time(moment) for moment in on_time.newest]
    late_runs = _late_runs(policy, limit, has_on_time=on_time.count > 0)
    missed = stretch(rule, accounted_until, on_time_after, keep=late_runs + OWN_ROWS + 1)
    cut = max(0, len(missed.newest) - late_runs)
    idle, late = missed.newest[:cut], missed.newest[cut:]
    settled: list[Settled] = []
    if idle:
        run_at = (late or on_time.newest)[:1]
        settled = _without_run(rule, missed, idle, len(late), _why_idle(rule, policy, run_at, late_runs))
    settled += [_late(rule, moment) for moment in late]
    settled += [_on_time(moment) for moment in on_time.newest]
    return settled
