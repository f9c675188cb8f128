"""What becomes of each occurrence that is due: a run, coalesced into one, or skipped with a reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import Final

from fastflow.domain.manifest.models import CatchUp
from fastflow.domain.schedule.occurrences import TICK, Stretch, occurrences, stretch
from fastflow.domain.schedule.rule import Rule

LARGEST_LIMIT: Final = 1000
"""The most runs that one catch-up may start; the schema's maximum of `catch_up_limit`."""
OWN_ROWS: Final = 1000
"""So many missed occurrences without a run are settled one by one, the older ones in one sum: the
downtime of an interval of one second must not fill the disk."""
_MISSED: Final = "It was due while nothing could start it"


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
    """`missed`, `over_limit`, `coalesced` or `caught_up`; others add words (`paused`)."""
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
    missed_until = now - grace - TICK
    on_time = list(takewhile(lambda due: due <= now, occurrences(rule, max(accounted_until, missed_until))))
    settled = [Settled(due, OccurrenceResult.RUN, None, None, is_late=False) for due in on_time]
    if missed_until <= accounted_until:
        return settled
    late_runs = _late_runs(policy, limit, is_one_on_time=bool(on_time))
    missed = stretch(rule, accounted_until, missed_until, keep=late_runs + OWN_ROWS + 1)
    cut = max(0, len(missed.newest) - late_runs)
    late = missed.newest[cut:]
    verdict = _verdict(rule, policy, late_runs, [*late, *on_time])
    return [*_without_run(missed, missed.newest[:cut], verdict), *map(_late, late), *settled]


def _late_runs(policy: CatchUp, limit: int | None, *, is_one_on_time: bool) -> int:
    if policy is CatchUp.NONE:
        return 0
    if policy is CatchUp.LAST:
        return 0 if is_one_on_time else 1
    return LARGEST_LIMIT if limit is None else min(limit, LARGEST_LIMIT)


def _late(due: datetime) -> Settled:
    reason = f"{_MISSED}, and is caught up with now."
    return Settled(due, OccurrenceResult.RUN, "caught_up", reason, is_late=True)


def _verdict(
    rule: Rule, policy: CatchUp, late_runs: int, runs: Sequence[datetime]
) -> tuple[OccurrenceResult, str, str]:
    """Return the result, code and reason of what is missed and makes no run of its own."""
    if policy is CatchUp.NONE:
        return OccurrenceResult.SKIPPED, "missed", f"{_MISSED}, and catch_up is none."
    if policy is CatchUp.ALL:
        reason = f"{_MISSED}, and only the newest {late_runs} missed occurrences are caught up with."
        return OccurrenceResult.SKIPPED, "over_limit", reason
    run_at = f"{rule.show(runs[0])} ({rule.zone})" if runs else ""
    reason = f"{_MISSED}; the run of {run_at} stands for all that were missed."
    return OccurrenceResult.COALESCED, "coalesced", reason


def _without_run(
    missed: Stretch, idle: Sequence[datetime], verdict: tuple[OccurrenceResult, str, str]
) -> Iterator[Settled]:
    """Yield what stands for the missed ones that make no run; `idle` is the newest of them."""
    older = missed.count - (len(missed.newest) - len(idle)) - OWN_ROWS
    if older > 0:
        first = missed.first if older > 1 else None
        yield Settled(idle[-OWN_ROWS - 1], *verdict, is_late=False, count=older, first_due_at=first)
    yield from (Settled(due, *verdict, is_late=False) for due in idle[-OWN_ROWS:])
