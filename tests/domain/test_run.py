"""The lifecycle: every pair of statuses, and what can be done in each."""

import itertools

import pytest

from fastflow.domain.run import (
    ACTIVE,
    ATTEMPT_TRANSITIONS,
    HOLDS_A_SLOT,
    TERMINAL,
    TRANSITIONS,
    AttemptStatus,
    RunStatus,
    sources_of,
)
from fastflow.domain.run_actions import actions_for

P, R, Y, S, F, C, K = RunStatus

LEGAL = {(P, R), (P, Y), (P, F), (P, C), (R, S), (R, Y), (R, F), (R, C), (Y, R), (Y, F), (Y, C)}


@pytest.mark.parametrize(("source", "target"), list(itertools.product(RunStatus, RunStatus)))
def test_every_pair_of_statuses_is_either_legal_or_not(source: RunStatus, target: RunStatus) -> None:
    assert (target in TRANSITIONS[source]) is ((source, target) in LEGAL)
    assert (source in sources_of(target)) is ((source, target) in LEGAL)


def test_a_run_that_has_ended_never_moves_again() -> None:
    assert {S, F, C, K} == TERMINAL
    assert {P, R, Y} == ACTIVE
    assert all(not TRANSITIONS[status] for status in TERMINAL)


def test_an_attempt_that_has_ended_never_moves_again_and_holds_no_slot() -> None:
    assert not ATTEMPT_TRANSITIONS[AttemptStatus.ENDED]
    assert AttemptStatus.ENDED not in HOLDS_A_SLOT
    assert AttemptStatus.QUEUED not in HOLDS_A_SLOT


@pytest.mark.parametrize("status", RunStatus)
def test_a_run_can_either_be_cancelled_or_retried_but_never_both(status: RunStatus) -> None:
    actions = actions_for(status, is_cancel_requested=False, was_accepted=True)
    assert actions.cancel.is_allowed is (status in ACTIVE)
    assert actions.retry.is_allowed is (status in TERMINAL)
    for action in actions:
        assert action.is_allowed is (action.reason is None)


def test_a_rejected_trigger_can_not_be_retried() -> None:
    actions = actions_for(RunStatus.SKIPPED, is_cancel_requested=False, was_accepted=False)
    assert not actions.retry.is_allowed


def test_a_cancel_can_be_asked_for_only_once() -> None:
    assert not actions_for(R, is_cancel_requested=True, was_accepted=True).cancel.is_allowed
