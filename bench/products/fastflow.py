"""Fast-Flow, as `fastflow up` runs it: each run in a container of its own."""

import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from products.product import JOBS, Http, Processes, free_port

_COUNTED = b"\nid: "


class FastFlow:
    """Ours. Lines and ends are told by the stream of a run's log (SSE); nothing is asked twice."""

    name = "Fast-Flow"
    isolation = "a fresh, hardened container behind walls"
    setup: Sequence[str] = ("make bootstrap docker runner-image",)

    def __init__(self) -> None:
        self.processes = Processes()
        self._http = Http()
        self._folder = Path()

    async def start(self, folder: Path) -> None:
        """Start it on pipelines that are written here."""
        folder.chmod(0o755)  # attempts run as another user
        self._folder = folder
        for name, code in JOBS.items():
            (folder / "pipelines" / name).mkdir(parents=True)
            (folder / "pipelines" / name / "main.py").write_text(code)
        await self.start_again()

    async def start_again(self) -> None:
        """Start it on what there is."""
        port = free_port()
        self._http.url = f"http://127.0.0.1:{port}"
        variables = {
            "FASTFLOW_PORT": str(port),
            "FASTFLOW_DATA_DIR": str(self._folder / "data"),
            "FASTFLOW_PIPELINES_DIR": str(self._folder / "pipelines"),
            "FASTFLOW_EXECUTOR": "docker",
        }
        self.processes.spawn(
            [Path(sys.executable).with_name("fastflow"), "up"], self._folder, "server", variables
        )
        await self._http.until_it_answers("/ready")

    async def version(self) -> str:
        """Return its version."""
        return str((await self._http.ask("GET", "/api/about"))["version"])

    async def trigger(self, job: str) -> str:
        """Ask for a run."""
        return str((await self._http.ask("POST", f"/api/pipelines/{job}/run"))["id"])

    async def first_line(self, job: str, run: str) -> None:
        """Return when it comes in the stream."""
        async with self._stream(run) as chunks:
            async for chunk in chunks:
                if _COUNTED in b"\n" + chunk:
                    return

    async def end(self, job: str, run: str) -> bool:
        """Return when the stream says so."""
        async with self._stream(run) as chunks:
            async for chunk in chunks:
                del chunk
        return (await self._http.ask("GET", f"/api/runs/{run}"))["status"] == "SUCCESS"

    async def count_lines(self, job: str, run: str) -> int:
        """Count what the stream brings."""
        lines, tail = 0, b"\n"
        async with self._stream(run) as chunks:
            async for chunk in chunks:
                lines += (tail + chunk).count(_COUNTED)
                tail = (tail + chunk)[-len(_COUNTED) + 1 :]
        return lines

    async def list_runs(self) -> None:
        """Read a page."""
        await self._http.ask("GET", "/api/runs?limit=50")

    async def close(self) -> None:
        """End it."""
        await self._http.close()
        await self.processes.end()

    @asynccontextmanager
    async def _stream(self, run: str) -> AsyncGenerator[Any]:
        url = f"{self._http.url}/api/runs/{run}/logs/stream"
        async with self._http.session.get(url) as answer:
            yield answer.content.iter_any()
