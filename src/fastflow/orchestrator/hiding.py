"""Hides what a run received as a secret in everything that is stored of its attempt."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import structlog

from fastflow.domain.errors import Unavailable
from fastflow.domain.log import LogKey, Output, Stream
from fastflow.domain.masking import HideAll, Masker, NothingToHide, SecretMasker
from fastflow.domain.outcome import Conclusion
from fastflow.domain.route import RouteReading, refused_route
from fastflow.orchestrator.tools import Tools

log = structlog.get_logger()

_AT_ONCE_BYTES: Final = 128 * 1024
"""More is looked through on a thread, so that nothing else waits for it."""
_LOOKED_BACK_LINES: Final = 1000


async def masker_of_adopted(tools: Tools, key: LogKey, ciphertext: str | None) -> Masker:
    """Return what hides the secrets of an attempt that another process has started.

    Where it can't be known any more what they are, of every further line only that there was one.
    """
    if ciphertext is None:
        return NothingToHide()
    try:
        values = tools.secrets.values_of(ciphertext)
    except Unavailable as error:
        log.error("further output is hidden", run_id=key.run_id, reason=error.message)
        return HideAll()
    return SecretMasker(values, cut_streams=await _cut_streams(tools, key))


async def hidden_outputs(masker: Masker, outputs: Sequence[Output]) -> Sequence[Output]:
    """Return the outputs with everything hidden."""
    if isinstance(masker, NothingToHide):
        return outputs
    if sum(len(output.data) for output in outputs) <= _AT_ONCE_BYTES:
        return masker.outputs(outputs)
    return await asyncio.to_thread(masker.outputs, outputs)


def hidden_conclusion(masker: Masker, conclusion: Conclusion) -> Conclusion:
    """Return the verdict on an attempt with everything hidden that its sentence says."""
    return replace(conclusion, reason=masker.text(conclusion.reason))


def hidden_route(masker: Masker, reading: RouteReading) -> RouteReading:
    """Refuse a route with a secret in it: it would be handed on to other pipelines."""
    if reading.route is not None and masker.text(reading.route) != reading.route:
        return refused_route("it holds a secret")
    return reading


async def _cut_streams(tools: Tools, key: LogKey) -> frozenset[Stream]:
    """Return the streams whose last stored line may go on: it was stored as a piece of a longer one."""
    lines = (await tools.logs.state(key)).lines
    page = await tools.logs.read(key, max(lines - _LOOKED_BACK_LINES, 0), _LOOKED_BACK_LINES)
    last = {line.stream: line.is_partial for line in page.lines}
    return frozenset(stream for stream, is_partial in last.items() if is_partial)
