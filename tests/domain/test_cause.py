"""The sentence that says why a run exists."""

import pytest

from fastflow.domain.cause import UpstreamCause, why
from fastflow.domain.run import RunStatus, Trigger

UPSTREAM = UpstreamCause(
    run_id="run-1", pipeline_name="up", status=RunStatus.SUCCESS, outcome="exited", route="large"
)


@pytest.mark.parametrize("trigger", Trigger)
def test_every_trigger_has_a_sentence_of_its_own_without_a_cause(trigger: Trigger) -> None:
    sentences = {why(other, None, None) for other in Trigger}
    assert len(sentences) == len(Trigger)
    assert why(trigger, None, None).endswith(".")


def test_a_cause_says_more_than_its_trigger() -> None:
    sentence = why(Trigger.UPSTREAM, UPSTREAM, None)
    assert sentence == "Run run-1 of up ended as SUCCESS and chose the route 'large'."


def test_a_repeated_run_names_what_it_repeats_first() -> None:
    assert why(Trigger.API, None, "run-2") == "Repeats run run-2."
    assert why(Trigger.API, UPSTREAM, "run-2").startswith(
        "Repeats run run-2. That one: Run run-1 of up ended"
    )
