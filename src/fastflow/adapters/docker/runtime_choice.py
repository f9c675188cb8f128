"""Which OCI runtime containers are told to have, and what is done where it may be what is wrong."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from fastflow.domain.errors import Invalid, Unavailable

T = TypeVar("T")

_OF_THE_ENGINE: Final = frozenset({"engine_refused", "engine_failed"})
"""It answered, and started nothing."""


@dataclass(slots=True)
class RuntimeChoice:
    """One for all containers of an installation."""

    name: str = ""
    """Empty: the Engine's default."""
    doubted: asyncio.Event = field(default_factory=asyncio.Event)

    def doubt(self) -> None:
        """Give it up until it was tried again: a container could not be started."""
        self.name = ""
        self.doubted.set()

    def as_told(self) -> dict[str, object]:
        """Return it as a part of `HostConfig`."""
        return {"Runtime": self.name} if self.name else {}

    async def or_without(self, start: Callable[[], Awaitable[T]]) -> T:
        """Start something; once more with the Engine's default, where the Engine refused with another one.

        The Engine may have been started anew without it.
        """
        was_chosen = bool(self.name)
        try:
            return await start()
        except (Invalid, Unavailable) as error:
            if not was_chosen or error.code not in _OF_THE_ENGINE:
                raise
        self.doubt()
        return await start()
