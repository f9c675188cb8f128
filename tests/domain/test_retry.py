"""When the next attempt starts: tables for the three strategies, properties for all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from fastflow.domain.retry import (
    JITTER_FRACTION,
    CustomSchedule,
    ExponentialBackoff,
    FixedDelay,
    RetryStrategy,
    delay_before_retry,
)

TABLE: list[tuple[RetryStrategy, list[float]]] = [
    (ExponentialBackoff(initial_delay=2, max_delay=20, multiplier=3), [2, 6, 18, 20, 20]),
    (ExponentialBackoff(initial_delay=5, max_delay=5, multiplier=1), [5, 5, 5]),
    (FixedDelay(delay=7), [7, 7, 7]),
    (CustomSchedule(delays=[1, 30, 4]), [1, 30, 4, 4, 4]),
]


@pytest.mark.parametrize(("strategy", "delays"), TABLE)
def test_delays_follow_the_table(strategy: RetryStrategy, delays: list[float]) -> None:
    seconds = [delay_before_retry(strategy, n, jitter=0).total_seconds() for n in range(1, len(delays) + 1)]
    assert seconds == delays


@given(st.sampled_from([strategy for strategy, _ in TABLE]), st.integers(1, 10_000), st.floats(0, 0.999))
def test_jitter_only_stretches_a_delay_and_never_by_much(
    strategy: RetryStrategy, failures: int, jitter: float
) -> None:
    plain = delay_before_retry(strategy, failures, 0).total_seconds()
    stretched = delay_before_retry(strategy, failures, jitter).total_seconds()
    assert plain - 1e-6 <= stretched <= plain * (1 + JITTER_FRACTION) + 1e-6


@pytest.mark.parametrize(
    "value",
    [
        {"type": "fixed_delay", "delay": -1},
        {"type": "custom_schedule", "delays": []},
        {"type": "exponential_backoff", "multiplier": 0.5},
        {"type": "hourly"},
        {"delay": 3},
    ],
)
def test_a_strategy_that_makes_no_sense_is_refused(value: object) -> None:
    adapter: TypeAdapter[RetryStrategy] = TypeAdapter(RetryStrategy)
    with pytest.raises(ValidationError):
        adapter.validate_python(value)
