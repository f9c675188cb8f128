"""Knows the machine that the server runs on."""

import asyncio
from importlib.metadata import version

from fastflow.domain.finding import Finding
from fastflow.main.doctor import examine_from_within
from fastflow.settings import Settings


class ServerHost:
    """Fulfils `Host`, with the server's settings."""

    def __init__(self, settings: Settings, executor: str) -> None:
        self._settings = settings
        self._executor = executor

    async def uv_version(self) -> str:
        """Return the version of the package that brings uv along."""
        return await asyncio.to_thread(version, "uv")

    async def engine_version(self) -> str | None:
        """Return the version of the Engine, where attempts are containers."""
        if self._executor != "docker":
            return None
        from fastflow.main.doctor_engine import engine_version

        return await engine_version(self._settings)

    async def examine(self) -> list[Finding]:
        """Look at all that runs need here, as `fastflow doctor` does."""
        return await examine_from_within(self._settings)
