"""Values are counted up to each bound, the bound itself included."""

from fastflow.domain.histogram import Histogram


def test_values_are_counted_up_to_each_bound() -> None:
    histogram = Histogram((0.1, 1, 10))
    for value in (0.05, 0.1, 0.5, 10, 11, 1000):
        histogram.observe(value)
    assert list(histogram.cumulative()) == [("0.1", 2), ("1", 3), ("10", 4), ("+Inf", 6)]
    assert histogram.sum == 1021.65


def test_nothing_observed_is_zero_everywhere() -> None:
    assert list(Histogram((1,)).cumulative()) == [("1", 0), ("+Inf", 0)]
