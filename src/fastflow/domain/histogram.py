"""Counts durations by how long they are, as Prometheus' histograms are read."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate


class Histogram:
    """Numbers of values up to each bound, and beyond the last one."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self.sum += value

    def cumulative(self) -> Iterator[tuple[str, int]]:
        """Yield each bound, as text, with the number of values up to it; `+Inf` is the last."""
        texts = [*(f"{bound:g}" for bound in self._bounds), "+Inf"]
        yield from zip(texts, accumulate(self._counts), strict=True)
