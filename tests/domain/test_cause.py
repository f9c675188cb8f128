"""The sentence that says why a run exists."""

import pytest

from fastflow.domain.actor import SYSTEM, Actor, ActorKind
from fastflow.domain.cause import RequestCause, TriggeredBy, UpstreamCause, cause_of, why
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


def asked_by(kind: ActorKind, name: str) -> RequestCause:
    return RequestCause(triggered_by=TriggeredBy(kind=kind, name=name))


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (ActorKind.USER, "Started over the API by anna."),
        (ActorKind.TOKEN, "Started over the API by the token anna."),
        (ActorKind.LOCAL, "Started over the API."),
    ],
)
def test_who_asked_is_named_where_there_is_a_name(kind: ActorKind, sentence: str) -> None:
    assert why(Trigger.API, asked_by(kind, "anna"), None) == sentence


def test_a_repeated_run_names_who_repeats_it() -> None:
    again = "Repeats run run-2, as anna asked."
    assert why(Trigger.API, asked_by(ActorKind.USER, "anna"), "run-2") == again
    repeated = UPSTREAM.model_copy(update={"triggered_by": TriggeredBy(kind=ActorKind.USER, name="anna")})
    assert why(Trigger.API, repeated, "run-2").startswith(f"{again} That one: Run run-1 of up")


def test_nobody_asked_for_what_came_by_itself() -> None:
    assert TriggeredBy.of(SYSTEM) is None
    assert TriggeredBy.of(Actor(ActorKind.USER, "anna")) == TriggeredBy(kind=ActorKind.USER, name="anna")


def test_causes_of_before_there_were_accounts_are_read() -> None:
    stored = UPSTREAM.model_dump(mode="json", exclude={"triggered_by"})
    assert cause_of(stored) == UPSTREAM
