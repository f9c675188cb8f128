"""Schedules: when they are due, what becomes of each occurrence, and why one did not happen."""

from fastflow.domain.schedule.catch_up import OccurrenceResult, Settled, settle
from fastflow.domain.schedule.explain import Explanation, ExplanationCode, explain
from fastflow.domain.schedule.occurrences import (
    Stretch,
    count_between,
    is_occurrence,
    last_before,
    next_after,
    occurrences,
    stretch,
)
from fastflow.domain.schedule.rule import Rule, rule_of

__all__ = [
    "Explanation",
    "ExplanationCode",
    "OccurrenceResult",
    "Rule",
    "Settled",
    "Stretch",
    "count_between",
    "explain",
    "is_occurrence",
    "last_before",
    "next_after",
    "occurrences",
    "rule_of",
    "settle",
    "stretch",
]
