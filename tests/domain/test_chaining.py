"""Which triggers fire when a run has ended."""

import pytest
from pydantic import JsonValue

from fastflow.domain.chaining import is_followed
from fastflow.domain.manifest import DownstreamTrigger
from fastflow.domain.run import RunStatus

SUCCESS, FAILED = RunStatus.SUCCESS, RunStatus.FAILED


@pytest.mark.parametrize(
    ("conditions", "status", "route", "follows"),
    [
        # Without conditions: after a success, whatever its route.
        ({}, SUCCESS, None, True),
        ({}, SUCCESS, "big", True),
        ({}, FAILED, None, False),
        ({}, FAILED, "big", False),
        # After both, after failures only, after neither.
        ({"on_failure": True}, SUCCESS, None, True),
        ({"on_failure": True}, FAILED, None, True),
        ({"on_success": False, "on_failure": True}, SUCCESS, None, False),
        ({"on_success": False, "on_failure": True}, FAILED, None, True),
        ({"on_success": False}, SUCCESS, None, False),
        ({"on_success": False}, FAILED, None, False),
        # A route narrows what the end lets through.
        ({"on_route": "big"}, SUCCESS, "big", True),
        ({"on_route": "big"}, SUCCESS, "small", False),
        ({"on_route": "big"}, SUCCESS, "Big", False),
        ({"on_route": "big"}, SUCCESS, None, False),
        ({"on_route": "big"}, FAILED, "big", False),
        ({"on_route": "big", "on_failure": True}, FAILED, "big", True),
        ({"on_route": "big", "on_failure": True}, FAILED, None, False),
        ({"on_route": "big", "on_success": False, "on_failure": True}, SUCCESS, "big", False),
        ({"on_route": ["big", "huge"]}, SUCCESS, "huge", True),
        ({"on_route": ["big", "huge"]}, SUCCESS, "small", False),
        ({"on_route": ["big", "huge"]}, SUCCESS, None, False),
        ({"on_route": "bigger"}, SUCCESS, "big", False),
        ({"on_route": []}, SUCCESS, "big", False),
        ({"on_route": []}, SUCCESS, None, False),
    ],
)
def test_success_failure_and_route_decide_together(
    conditions: dict[str, JsonValue], status: RunStatus, route: str | None, follows: bool
) -> None:
    trigger = DownstreamTrigger.model_validate({"pipeline": "next", **conditions})
    assert is_followed(trigger, status, route) is follows


@pytest.mark.parametrize("status", sorted(frozenset(RunStatus) - {SUCCESS, FAILED}))
def test_a_run_that_neither_succeeded_nor_failed_starts_nothing(status: RunStatus) -> None:
    trigger = DownstreamTrigger(pipeline="next", on_success=True, on_failure=True)
    assert not is_followed(trigger, status, "big")
