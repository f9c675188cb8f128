"""When to try again: the three strategies as pure data, plus jitter."""

from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

JITTER_FRACTION: Final = 0.1
"""A delay is stretched by up to this share, so that runs that failed together do not return together."""

Seconds = Annotated[float, Field(ge=0, le=7 * 24 * 3600)]


class _Strategy(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExponentialBackoff(_Strategy):
    """Wait `initial_delay`, then `multiplier` times longer after each failure, up to `max_delay`."""

    type: Literal["exponential_backoff"] = "exponential_backoff"
    initial_delay: Seconds = 1.0
    max_delay: Seconds = 300.0
    multiplier: Annotated[float, Field(ge=1, le=100)] = 2.0

    def delay_after(self, failures: int) -> float:
        """Return the seconds to wait after the given number of failed attempts (1 or more)."""
        try:
            delay = self.initial_delay * self.multiplier ** (failures - 1)
        except OverflowError:
            return self.max_delay
        return min(delay, self.max_delay)


class FixedDelay(_Strategy):
    """Wait the same time after each failure."""

    type: Literal["fixed_delay"] = "fixed_delay"
    delay: Seconds = 10.0

    def delay_after(self, failures: int) -> float:
        """Return the seconds to wait, whatever the number of failed attempts."""
        del failures
        return self.delay


class CustomSchedule(_Strategy):
    """Wait the listed times one after the other; the last one repeats."""

    type: Literal["custom_schedule"] = "custom_schedule"
    delays: Annotated[list[Seconds], Field(min_length=1, max_length=100)]

    def delay_after(self, failures: int) -> float:
        """Return the seconds to wait after the given number of failed attempts (1 or more)."""
        return self.delays[min(failures, len(self.delays)) - 1]


RetryStrategy = Annotated[ExponentialBackoff | FixedDelay | CustomSchedule, Field(discriminator="type")]


def delay_before_retry(strategy: RetryStrategy, failures: int, jitter: float) -> timedelta:
    """Return how long to wait after `failures` failed attempts.

    `jitter` is a random number in [0, 1), given from outside so that this stays a pure function.
    """
    return timedelta(seconds=strategy.delay_after(failures) * (1 + JITTER_FRACTION * jitter))
