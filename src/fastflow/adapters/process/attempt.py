"""Reads what the folder of one attempt says about it. Every method blocks for a moment."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Final

from fastflow.adapters.process import folder, shims
from fastflow.domain.execution import AttemptIdentity, Found
from fastflow.domain.outcome import Ending

_REMOVED: Final = "nothing of the attempt is left"
_NEVER_STARTED: Final = "it was never started"
_SHIM_KILLED: Final = "the process that watched over it was killed or the machine was restarted"


class AttemptFolder:
    """One attempt on disk, whoever started it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def output(self) -> Path:
        """The shim's record of everything the payload wrote."""
        return self.path / folder.OUTPUT

    @property
    def code(self) -> Path:
        """The payload's working directory."""
        return self.path / folder.CODE

    def write_identity(self, identity: AttemptIdentity) -> None:
        """Make a new folder recognisable."""
        text = json.dumps(asdict(identity))
        (self.path / folder.IDENTITY).write_text(text, encoding="utf-8")

    def found(self) -> Found | None:
        """Return what `Executor.find` tells of it; None where the folder is being removed."""
        try:
            record = json.loads((self.path / folder.IDENTITY).read_bytes())
        except FileNotFoundError:
            return None
        return Found(self.path.name, AttemptIdentity(**record), self.started() is not None)

    def started(self) -> folder.Started | None:
        """Return which process is the shim; None where nothing of the pipeline was executed."""
        return folder.read_started(self.path)

    def is_over(self) -> bool:
        """Say whether nothing will be added to the output any more."""
        if folder.read_ended(self.path) is not None:
            return True
        started = self.started()
        return started is None or not shims.is_alive(started)

    def ending(self) -> Ending | None:
        """Return how it ended; None while it runs. Kills what a dead shim has left.

        Raises:
            Unavailable: `stop_failed`; that can't be killed.
        """
        started = self.started()
        # In this order: the ending is written before the shim is gone.
        was_alive = started is not None and shims.is_alive(started)
        ended = folder.read_ended(self.path)
        if ended is not None:
            return Ending(
                ended.exit_code,
                was_out_of_memory=ended.was_out_of_memory,
                peak_memory_bytes=ended.peak_memory_bytes,
                cpu_seconds=ended.cpu_seconds,
            )
        if was_alive:
            return None
        if started is None:
            detail = _NEVER_STARTED if self.path.exists() else _REMOVED
            return Ending(None, was_host_lost=True, detail=detail)
        shims.kill_orphans(started)
        return Ending(None, was_host_lost=True, detail=_SHIM_KILLED)
