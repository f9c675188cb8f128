"""How an attempt ended, whose fault it was, and the sentence that says so."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from fastflow.domain.limits import format_bytes


class Outcome(StrEnum):
    """How an attempt ended. Stored in a column; never parsed from text."""

    EXITED = "exited"
    OUT_OF_MEMORY = "out_of_memory"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    ENVIRONMENT_FAILED = "environment_failed"
    MANIFEST_INVALID = "manifest_invalid"
    SECRETS_UNAVAILABLE = "secrets_unavailable"
    """A secret that it lists does not exist, or can't be decrypted; nothing was started."""
    HOST_LOST = "host_lost"
    PLATFORM_ERROR = "platform_error"
    REJECTED = "rejected"
    """The trigger's input was refused; nothing was started."""
    NOT_STARTED = "not_started"
    """A policy decided against starting: overlap `skip`, or a disabled pipeline."""


class Blame(StrEnum):
    """Who has to act: the author of the pipeline, or whoever runs the platform."""

    NOBODY = "nobody"
    PIPELINE = "pipeline"
    PLATFORM = "platform"


_MAY_END_OTHERWISE: Final = frozenset(
    {
        Outcome.EXITED,
        Outcome.OUT_OF_MEMORY,
        Outcome.TIMED_OUT,
        Outcome.HOST_LOST,
        Outcome.PLATFORM_ERROR,
    }
)

_SIGNALS: Final = {
    1: "SIGHUP",
    2: "SIGINT",
    3: "SIGQUIT",
    4: "SIGILL",
    6: "SIGABRT",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV",
    13: "SIGPIPE",
    15: "SIGTERM",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """What an executor saw when an attempt stopped. `exit_code` is None when nobody knows it."""

    exit_code: int | None
    was_out_of_memory: bool = False
    was_host_lost: bool = False
    """The container was taken down with its host or its Engine, not by its own doing."""
    detail: str = ""
    """The executor's own words for a platform failure, or empty."""
    peak_memory_bytes: int | None = None
    cpu_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The verdict on one attempt, ready to be stored."""

    outcome: Outcome
    blame: Blame
    reason: str
    exit_code: int | None = None

    @property
    def is_success(self) -> bool:
        """Whether the run succeeded with this attempt."""
        return self.outcome is Outcome.EXITED and self.exit_code == 0


def is_retryable(conclusion: Conclusion) -> bool:
    """Whether a further attempt may end otherwise. A cancel is never undone by the retry policy."""
    if conclusion.outcome is Outcome.ENVIRONMENT_FAILED:
        return conclusion.blame is Blame.PLATFORM
    return conclusion.outcome in _MAY_END_OTHERWISE and not conclusion.is_success


def conclude(
    ending: Ending,
    *,
    memory_limit_bytes: int | None = None,
    timeout: timedelta | None = None,
    has_timed_out: bool = False,
    cancel_reason: str | None = None,
) -> Conclusion:
    """Decide how an attempt ended.

    A cancel that was asked for before the end wins over everything the exit code says; then the
    timeout, then the kernel's out-of-memory kill, then the exit code.
    """
    if cancel_reason is not None:
        return Conclusion(Outcome.CANCELLED, Blame.NOBODY, cancel_reason, ending.exit_code)
    if has_timed_out and timeout is not None:
        return Conclusion(
            Outcome.TIMED_OUT,
            Blame.PIPELINE,
            f"Stopped after its time limit of {_seconds(timeout)}. Raise `timeout` in pipeline.json, "
            "or make the pipeline faster.",
            ending.exit_code,
        )
    if ending.was_out_of_memory:
        return Conclusion(
            Outcome.OUT_OF_MEMORY,
            Blame.PIPELINE,
            _out_of_memory_sentence(ending, memory_limit_bytes),
            ending.exit_code,
        )
    if ending.was_host_lost:
        detail = f": {ending.detail}" if ending.detail else ""
        return Conclusion(
            Outcome.HOST_LOST,
            Blame.PLATFORM,
            f"The host or its Docker Engine went away while it ran{detail}.",
            ending.exit_code,
        )
    if ending.exit_code is None:
        return Conclusion(
            Outcome.PLATFORM_ERROR,
            Blame.PLATFORM,
            ending.detail or "The executor could not say how it ended.",
        )
    if ending.exit_code == 0:
        return Conclusion(Outcome.EXITED, Blame.NOBODY, "Finished with exit code 0.", 0)
    return Conclusion(Outcome.EXITED, Blame.PIPELINE, _exit_sentence(ending.exit_code), ending.exit_code)


def _seconds(duration: timedelta) -> str:
    seconds = duration.total_seconds()
    return f"{seconds:g} second" + ("" if seconds == 1 else "s")


def _out_of_memory_sentence(ending: Ending, limit_bytes: int | None) -> str:
    limit = f"its limit of {format_bytes(limit_bytes)}" if limit_bytes else "the host's memory"
    peak = f" (peak {format_bytes(ending.peak_memory_bytes)})" if ending.peak_memory_bytes is not None else ""
    return (
        f"Killed by the kernel because it used more than {limit}{peak}. "
        "Raise `mem_hard_limit` in pipeline.json, or load less at once."
    )


def _exit_sentence(exit_code: int) -> str:
    signal_name = _SIGNALS.get(exit_code - 128) if exit_code > 128 else None
    if signal_name:
        return f"Ended by {signal_name} (exit code {exit_code})."
    if exit_code == 1:
        return "Failed with exit code 1; the end of the log says why."
    return f"Failed with exit code {exit_code}."
