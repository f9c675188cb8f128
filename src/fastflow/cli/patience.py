"""Asks again while the server is away: one that restarts is back in seconds."""

import asyncio
from typing import Any, Final

from fastflow.cli.client import Client
from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed

PAUSES_SECONDS: Final = (0.1, 0.2, 0.5, 1.0)
"""Between attempts to connect; the last one repeats."""
GIVE_UP_SECONDS: Final = 120.0
"""A server that restarts is back long before."""

_PAUSES_BEFORE_GIVING_UP: Final = (*PAUSES_SECONDS, *[1.0] * int(GIVE_UP_SECONDS))
_AWAY: Final = frozenset({ExitCode.UNREACHABLE, ExitCode.UNAVAILABLE})


async def get_patiently(client: Client, path: str) -> Any:
    """Return the JSON that the server answers, as soon as it is there.

    Raises:
        CommandFailed: it refuses, or stays away for about two minutes.
    """
    for pause in _PAUSES_BEFORE_GIVING_UP:
        try:
            return await client.get(path)
        except CommandFailed as failure:
            if failure.exit_code not in _AWAY:
                raise
        await asyncio.sleep(pause)
    return await client.get(path)
