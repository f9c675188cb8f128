"""Carries output and samples of a running attempt into the stores until it has ended."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from fastflow.domain.errors import Unavailable
from fastflow.domain.limits import Limits, format_bytes
from fastflow.domain.log import LogKey, Output, Sample
from fastflow.domain.masking import Masker
from fastflow.domain.outcome import Ending
from fastflow.domain.ports import LogWriter
from fastflow.orchestrator.hiding import hidden_outputs
from fastflow.orchestrator.tools import Tools

log = structlog.get_logger()

_DISK_CHECK_EVERY: Final = timedelta(seconds=1)


@dataclass(slots=True)
class Seen:
    """What there was to see."""

    ending: Ending
    warnings: list[str] = field(default_factory=list[str])


async def follow(
    tools: Tools, key: LogKey, reference: str, writer: LogWriter, limits: Limits, masker: Masker
) -> Seen:
    """Return when the attempt has ended and its whole output is stored, with its secrets hidden."""
    marks = SoftMarks(limits)
    sampling = asyncio.create_task(_sample(tools, key, reference, marks))
    waiting = asyncio.create_task(tools.executor.wait(reference))
    try:
        async for outputs in tools.executor.follow(reference, writer.stored):
            await _store(tools, writer, await hidden_outputs(masker, outputs))
        ending = await waiting
    finally:
        for task in (sampling, waiting):
            task.cancel()
        await asyncio.gather(sampling, waiting, return_exceptions=True)
    marks.look_at_peak(ending.peak_memory_bytes)
    return Seen(ending, marks.warnings)


async def _store(tools: Tools, writer: LogWriter, outputs: Sequence[Output]) -> None:
    """Store the lines, waiting for space where the disk is full: the container waits, nothing is lost."""
    has_complained = False
    while True:
        try:
            return await writer.append(outputs)
        except Unavailable as error:
            if not has_complained:
                log.error("log lines can't be stored, trying again", reason=error.message)
                has_complained = True
            await tools.clock.sleep(_DISK_CHECK_EVERY)


async def _sample(tools: Tools, key: LogKey, reference: str, marks: "SoftMarks") -> None:
    """Store samples while the attempt runs. A missing sample must never disturb the run itself."""
    try:
        async for sample in tools.executor.stats(reference):
            marks.look_at(sample)
            await tools.metrics.append(key, (sample,))
    except Unavailable as error:
        log.info("no further samples", reference=reference, reason=error.message)


class SoftMarks:
    """Notes the first crossing of each soft limit."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._crossed: dict[str, str] = {}

    @property
    def warnings(self) -> list[str]:
        """One sentence for each mark that was crossed."""
        return list(self._crossed.values())

    def look_at(self, sample: Sample) -> None:
        """Compare one sample with the marks."""
        cores = self._limits.soft_cpu_cores
        if cores is not None and sample.cpu_percent > cores * 100 and "cpu" not in self._crossed:
            self._crossed["cpu"] = (
                f"Used {sample.cpu_percent:.0f} % of a core, more than its soft limit of {cores:g} cores."
            )
        self.look_at_peak(sample.memory_bytes)

    def look_at_peak(self, memory_bytes: int | None) -> None:
        """Compare a memory reading with its mark."""
        mark = self._limits.soft_memory_bytes
        if mark is not None and memory_bytes is not None and memory_bytes > mark:
            self._crossed.setdefault(
                "memory",
                f"Used {format_bytes(memory_bytes)}, more than its soft limit of {format_bytes(mark)}.",
            )
