"""Takes output off an attach connection at once: a slow reader there would block the program."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from fastflow.adapters.docker.engine import Answer
from fastflow.domain.errors import Unavailable

MOST_WAITING_BYTES: Final = 4 * 1024**2


class Chunk(NamedTuple):
    """Bytes as they came, framed."""

    at_ns: int
    data: bytes


class AttachedOutput:
    """Keeps what arrives until it is asked for, up to `most_waiting_bytes`.

    Beyond that it lets go of the connection: the Engine's log has everything and is read from there on.
    """

    def __init__(self, answer: Answer, most_waiting_bytes: int = MOST_WAITING_BYTES) -> None:
        self.has_ended_by_itself = False
        """The other side closed it: at the container's end, or because the Engine went away."""
        self._most_waiting_bytes = most_waiting_bytes
        self._waiting: deque[Chunk] = deque()
        self._waiting_bytes = 0
        self._something = asyncio.Event()
        self._is_over = False
        self._answer = answer
        self._task = asyncio.create_task(self._drain(answer))

    @property
    def has_output(self) -> bool:
        """Whether something waits to be asked for."""
        return bool(self._waiting)

    async def chunks(self) -> AsyncIterator[Chunk]:
        """Yield what came and comes, until the stream ends or was let go."""
        while True:
            while self._waiting:
                chunk = self._waiting.popleft()
                self._waiting_bytes -= len(chunk.data)
                yield chunk
            if self._is_over:
                return
            self._something.clear()
            await self._something.wait()

    async def something(self) -> None:
        """Block until there is output, or certainly none. To be asked before `chunks` only."""
        await self._something.wait()

    async def close(self) -> None:
        """Let go of the connection."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._answer.close()

    async def _drain(self, answer: Answer) -> None:
        try:
            async with answer:
                while data := await answer.read_some():
                    self._waiting.append(Chunk(time.time_ns(), data))
                    self._waiting_bytes += len(data)
                    self._something.set()
                    if self._waiting_bytes > self._most_waiting_bytes:
                        return
            self.has_ended_by_itself = True
        except Unavailable:
            pass  # `has_ended_by_itself` stays False: the rest is read from the Engine's log
        finally:
            self._is_over = True
            self._something.set()
