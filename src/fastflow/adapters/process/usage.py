"""Measures what one attempt uses while it runs."""

import time

from fastflow.adapters.process import processes
from fastflow.adapters.process.attempt import AttemptFolder
from fastflow.domain.log import Sample


class Usage:
    """Adds up the processes below a shim; CPU is the difference between two looks. Blocks for a moment."""

    def __init__(self, attempt: AttemptFolder) -> None:
        self._attempt = attempt
        self._last_seconds = 0.0
        self._last_at = time.monotonic()
        self._measure()

    def is_over(self) -> bool:
        """Say whether there is nothing to measure any more."""
        return self._attempt.is_over()

    def sample(self) -> Sample | None:
        """Return the usage since the last call; None where the attempt has ended."""
        before_seconds, before_at = self._last_seconds, self._last_at
        memory_bytes = self._measure()
        if memory_bytes is None:
            return None
        # A child that ends between two looks may take time along that was never seen.
        used = max(self._last_seconds - before_seconds, 0)
        return Sample(time.time_ns(), 100 * used / (self._last_at - before_at), memory_bytes)

    def _measure(self) -> int | None:
        started = self._attempt.started()
        shim = processes.look(started.pid) if started is not None else None
        if started is None or shim is None or shim.start != started.start or self.is_over():
            return None
        members = processes.members(shim.pid)
        self._last_seconds = shim.children_cpu_seconds + sum(
            member.cpu_seconds + member.children_cpu_seconds for member in members
        )
        self._last_at = time.monotonic()
        return sum(member.memory_bytes for member in members)
