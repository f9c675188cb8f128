"""Holds the connections of one container that this process watches."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path

from fastflow.adapters.docker.attached_output import AttachedOutput
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.exit_watch import ExitWatch
from fastflow.adapters.docker.secret_pipe import SecretPipe


@dataclass(slots=True)
class LiveAttempt:
    """A container that was started or adopted by this process."""

    exit_watch: ExitWatch
    directory: Path | None = None
    """The attempt's private one; None for an adopted container, whose labels name it."""
    attached: AttachedOutput | None = None
    starting: asyncio.Task[None] | None = None
    was_made_ahead: bool = False
    """Before it was known whose it would be."""
    oci_runtime: str = ""
    """Empty: the Engine's default, or it was adopted."""
    is_stopping: bool = False
    """We asked it to end: an end by a signal is not the host's doing."""

    async def start(self, call: Coroutine[None, None, None], pipe: SecretPipe | None = None) -> None:
        """Return when the program has written something, or the Engine has answered the call.

        The Engine answers some 30 ms after the program's first line, when it has written its own notes. The
        init gets what is in `pipe` before.

        Raises:
            FastFlowError: the Engine's refusal.
            SecretsUnavailable: `secrets_not_taken`.
        """
        self.starting = asyncio.create_task(call)
        if pipe is not None:
            await pipe.hand_over(self._can_not_read)
        if self.attached is not None:
            output = asyncio.create_task(self.attached.something())
            try:
                await asyncio.wait([self.starting, output], return_when=asyncio.FIRST_COMPLETED)
            finally:
                output.cancel()
        if self.starting.done() or self.attached is None or not self.attached.has_output:
            await asyncio.shield(self.starting)

    @property
    def is_starting(self) -> bool:
        """Whether the start was sent: the program may run, although the Engine says `created` still."""
        return self.starting is not None

    def _can_not_read(self) -> bool:
        """Return whether nobody will read in there: it was not started, or has ended."""
        has_failed = (
            self.starting is not None and self.starting.done() and self.starting.exception() is not None
        )
        return has_failed or self.exit_watch.is_over

    async def start_is_answered(self) -> None:
        """Block until the Engine has answered the start, so that nobody meets it half started."""
        if self.starting is not None:
            await asyncio.wait([self.starting])

    def take_attached(self) -> AttachedOutput | None:
        """Return the attached output once; who follows later reads the log."""
        attached, self.attached = self.attached, None
        return attached

    async def close(self) -> None:
        """Let go of every connection; the container is left as it is."""
        if self.starting is not None:
            # Not cancelled: an Engine might give the start up together with the connection.
            await asyncio.gather(self.starting, return_exceptions=True)
        if self.attached is not None:
            await self.attached.close()
        await self.exit_watch.close()


async def watched_before_start(containers: Containers, container: str, directory: Path) -> LiveAttempt:
    """Attach, then listen for the end: before the start, in this order, so that nothing is missed.

    The Engine confirms with headers that it listens; a start sent before them was seen to hang.
    """
    attached = AttachedOutput(await containers.attach(container))
    try:
        waiting = await containers.wait(container, is_unstarted=True)
    except BaseException:
        await attached.close()
        raise
    return LiveAttempt(ExitWatch(containers, container, waiting), directory, attached)
