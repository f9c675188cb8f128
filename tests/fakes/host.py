"""A machine that tells what a test wants it to."""

from fastflow.domain.finding import Finding, Verdict


class FakeHost:
    """Fulfils `server_ports.Host`."""

    def __init__(self) -> None:
        self.findings = [Finding("disk", Verdict.OK, "5 GiB free for /data.")]
        self.engine: str | None = None
        self.examinations = 0

    async def uv_version(self) -> str:
        """Return a version."""
        return "0.13.9"

    async def engine_version(self) -> str | None:
        """Return what the test has set."""
        return self.engine

    async def examine(self) -> list[Finding]:
        """Return what the test has set."""
        self.examinations += 1
        return list(self.findings)
