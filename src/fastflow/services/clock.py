"""The real time."""

import asyncio
from datetime import UTC, datetime, timedelta


class SystemClock:
    """Fulfils `domain.ports.Clock`."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)

    async def sleep(self, duration: timedelta) -> None:
        """Suspend the caller for that long."""
        await asyncio.sleep(duration.total_seconds())
