"""Follows the output of one container to its end: live where it was attached, else from the Engine's log."""

import time
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from typing import Final

from fastflow.adapters.docker.attached_output import AttachedOutput
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.exit_watch import ExitWatch
from fastflow.adapters.docker.frames import Frames, joined, stamped
from fastflow.adapters.docker.patience import Patience
from fastflow.domain.errors import FastFlowError, NotFound, Unavailable
from fastflow.domain.line_splitter import LineSplitter
from fastflow.domain.log import Output, StreamCounts

_END_FOLLOWS_WITHIN: Final = timedelta(seconds=1)
"""From the last byte to the Engine's word; usually a tenth. Longer costs a look into the log, no more."""


class OutputFollower:
    """Yields each line that is not stored yet exactly once, whatever happens to the connections.

    Positions are counts of lines for each stream: the Engine's timestamps run backwards across streams
    and repeat. Every new connection to the log begins at its beginning and skips by count.
    """

    def __init__(
        self, containers: Containers, container: str, exit_watch: ExitWatch, stored: StreamCounts
    ) -> None:
        self._containers = containers
        self._container = container
        self._exit_watch = exit_watch
        self._done = stored
        self._last_ns = 0

    async def follow(self, attached: AttachedOutput | None) -> AsyncGenerator[Sequence[Output]]:
        """Yield until the container has ended and its output is complete.

        Attached since before the start, closed by the Engine, and the end told on a connection that held
        throughout: then nothing is missing. Otherwise the Engine's log is read from where this got to.
        """
        if attached is not None:
            splitter = LineSplitter(self._done)
            frames = Frames()
            async for outputs in self._from_attached(attached, splitter, frames):
                yield outputs
            is_whole = attached.has_ended_by_itself and frames.is_between_frames
            if is_whole and await self._has_just_ended():
                if rest := splitter.finish(time.time_ns()):
                    yield rest
                return
        async for outputs in self._from_log():
            yield outputs

    async def _has_just_ended(self) -> bool:
        """Whether the end followed on the end of the stream, and was watched from before the start.

        A proxy that cuts a stream does so while the container goes on.
        """
        return (
            await self._exit_watch.is_over_within(_END_FOLLOWS_WITHIN)
            and (await self._exit_watch.exit()).was_watched_throughout
        )

    async def _from_attached(
        self, attached: AttachedOutput, splitter: LineSplitter, frames: Frames
    ) -> AsyncGenerator[Sequence[Output]]:
        async for chunk in attached.chunks():
            outputs = [
                output
                for stream, payload in joined(frames.feed(chunk.data))
                for output in splitter.feed(chunk.at_ns, stream, payload)
            ]
            self._advance(splitter)
            if outputs:
                yield outputs

    async def _from_log(self) -> AsyncGenerator[Sequence[Output]]:
        patience = Patience()
        while True:
            # A follow that is open near the end may stop too early; a plain read after the end has it all.
            is_last = self._exit_watch.is_over
            splitter = LineSplitter(self._done)
            try:
                async for outputs in self._read_log(splitter, is_following=not is_last):
                    patience.reset()
                    yield outputs
            except NotFound:
                return
            except FastFlowError:
                await patience.sleep()
                continue
            if is_last:
                if rest := splitter.finish(self._last_ns):
                    yield rest
                return
            await self._exit_watch.is_over_within(patience.next_pause())

    async def _read_log(
        self, splitter: LineSplitter, *, is_following: bool
    ) -> AsyncGenerator[Sequence[Output]]:
        frames = Frames()
        async with await self._containers.logs(self._container, is_following=is_following) as answer:
            while chunk := await answer.read_some():
                outputs: list[Output] = []
                for at_ns, stream, message in stamped(frames.feed(chunk)):
                    outputs += splitter.feed(at_ns, stream, message)
                    self._last_ns = at_ns
                self._advance(splitter)
                if outputs:
                    yield outputs
        if not frames.is_between_frames:
            raise Unavailable("executor_unavailable", "The Engine's log broke off in the middle of a frame.")

    def _advance(self, splitter: LineSplitter) -> None:
        """Remember how far it got; while lines are skipped that is less than what is done."""
        seen = splitter.seen
        self._done = StreamCounts(max(self._done.stdout, seen.stdout), max(self._done.stderr, seen.stderr))
