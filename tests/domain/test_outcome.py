"""The verdict on an attempt, and who wins when several things happened at once."""

from datetime import timedelta

import pytest

from fastflow.domain.outcome import Blame, Conclusion, Ending, Outcome, conclude, is_retryable

MINUTE = timedelta(minutes=1)
MIB = 1024 * 1024


def test_exit_code_zero_is_success_and_nobody_is_to_blame() -> None:
    conclusion = conclude(Ending(0))
    assert conclusion.is_success
    assert conclusion.blame is Blame.NOBODY


@pytest.mark.parametrize(
    ("exit_code", "words"),
    [(1, "exit code 1"), (3, "exit code 3"), (139, "SIGSEGV"), (143, "SIGTERM"), (255, "exit code 255")],
)
def test_another_exit_code_is_the_pipelines_failure_and_named(exit_code: int, words: str) -> None:
    conclusion = conclude(Ending(exit_code))
    assert not conclusion.is_success
    assert (conclusion.outcome, conclusion.blame) == (Outcome.EXITED, Blame.PIPELINE)
    assert words in conclusion.reason


def test_out_of_memory_names_limit_and_peak_and_the_field_to_raise() -> None:
    ending = Ending(137, was_out_of_memory=True, peak_memory_bytes=127 * MIB)
    conclusion = conclude(ending, memory_limit_bytes=128 * MIB)
    assert conclusion.outcome is Outcome.OUT_OF_MEMORY
    assert conclusion.exit_code == 137
    for words in ("128 MiB", "127 MiB", "mem_hard_limit"):
        assert words in conclusion.reason


def test_a_timeout_wins_over_the_exit_code_of_the_kill() -> None:
    conclusion = conclude(Ending(137), timeout=MINUTE, has_timed_out=True)
    assert conclusion.outcome is Outcome.TIMED_OUT
    assert "60 seconds" in conclusion.reason


@pytest.mark.parametrize(
    "ending", [Ending(0), Ending(1), Ending(137, was_out_of_memory=True), Ending(None, was_host_lost=True)]
)
@pytest.mark.parametrize("has_timed_out", [True, False])
def test_a_cancel_wins_over_everything(ending: Ending, has_timed_out: bool) -> None:
    conclusion = conclude(ending, timeout=MINUTE, has_timed_out=has_timed_out, cancel_reason="By Ada.")
    assert (conclusion.outcome, conclusion.reason) == (Outcome.CANCELLED, "By Ada.")
    assert not is_retryable(conclusion)


def test_a_lost_host_is_the_platforms_fault() -> None:
    conclusion = conclude(Ending(None, was_host_lost=True, detail="Engine restarted"))
    assert (conclusion.outcome, conclusion.blame) == (Outcome.HOST_LOST, Blame.PLATFORM)
    assert "Engine restarted" in conclusion.reason


def test_an_unknown_end_is_never_called_a_success() -> None:
    conclusion = conclude(Ending(None))
    assert (conclusion.outcome, conclusion.blame) == (Outcome.PLATFORM_ERROR, Blame.PLATFORM)


@pytest.mark.parametrize(
    ("outcome", "blame", "expected"),
    [
        (Outcome.OUT_OF_MEMORY, Blame.PIPELINE, True),
        (Outcome.TIMED_OUT, Blame.PIPELINE, True),
        (Outcome.HOST_LOST, Blame.PLATFORM, True),
        (Outcome.PLATFORM_ERROR, Blame.PLATFORM, True),
        (Outcome.ENVIRONMENT_FAILED, Blame.PIPELINE, False),
        (Outcome.ENVIRONMENT_FAILED, Blame.PLATFORM, True),
        (Outcome.MANIFEST_INVALID, Blame.PIPELINE, False),
        (Outcome.CANCELLED, Blame.NOBODY, False),
    ],
)
def test_only_what_may_end_otherwise_is_tried_again(outcome: Outcome, blame: Blame, expected: bool) -> None:
    assert is_retryable(Conclusion(outcome, blame, "", 1)) is expected


def test_a_success_is_not_tried_again() -> None:
    assert not is_retryable(conclude(Ending(0)))
    assert is_retryable(conclude(Ending(1)))
