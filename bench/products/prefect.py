"""Prefect with a server of its own and a process worker."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from products.product import JOBS, READY, Http, Processes, free_port, indented, until

_VERSION = "3.9.1"
_PAGE = 200
_ENDED = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
_FLOW = """
@flow(log_prints=True)
def {name}():
{body}
"""
_DEPLOY = """
import sys
from pathlib import Path
from prefect import flow
for name in {names}:
    flow.from_source(source=str(Path("flows").absolute()), entrypoint=f"flows.py:{{name}}").deploy(
        name="bench", work_pool_name="bench", build=False, push=False
    )
"""


class Prefect:
    """Version 3 from PyPI, SQLite, defaults but for a worker that polls every second."""

    name = "Prefect"
    isolation = "a process"

    def __init__(self, programs: Path) -> None:
        self.setup: Sequence[str] = (
            f"uv venv {programs}/prefect",
            f"uv pip install --python {programs}/prefect/bin/python prefect=={_VERSION}",
        )
        self.processes = Processes()
        self._bin = programs.absolute() / "prefect/bin"
        self._http = Http()
        self._folder = Path()
        self._deployments: dict[str, str] = {}
        self._port = free_port()

    @property
    def _variables(self) -> dict[str, str]:
        return {
            "PREFECT_HOME": str(self._folder / "home"),
            "PREFECT_API_URL": self._http.url,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "PATH": f"{self._bin}:/usr/local/bin:/usr/bin:/bin",
        }

    async def start(self, folder: Path) -> None:
        """Start the server, make a pool with the jobs, start the worker."""
        self._folder = folder
        self._http.url = f"http://127.0.0.1:{self._port}/api"
        (folder / "flows").mkdir()
        flows = "".join(_FLOW.format(name=name, body=indented(code)) for name, code in JOBS.items())
        (folder / "flows/flows.py").write_text(f"from prefect import flow\n{flows}")
        self._spawn_server()
        await self._http.until_it_answers("/health")
        await self._once("pool", ["prefect", "work-pool", "create", "bench", "--type", "process"])
        await self._once("deploy", ["python", "-c", _DEPLOY.format(names=list(JOBS))])
        self._spawn_worker()
        for job in JOBS:
            said = await self._http.ask("GET", f"/deployments/name/{job}/bench")
            self._deployments[job] = said["id"]

    async def start_again(self) -> None:
        """Start server and worker."""
        self._spawn_server()
        await self._http.until_it_answers("/health")
        self._spawn_worker()

    async def version(self) -> str:
        """Return its version."""
        return str(await self._http.ask("GET", "/admin/version"))

    async def trigger(self, job: str) -> str:
        """Ask for a run of its deployment."""
        path = f"/deployments/{self._deployments[job]}/create_flow_run"
        return str((await self._http.ask("POST", path, {"state": {"type": "SCHEDULED"}}))["id"])

    async def first_line(self, job: str, run: str) -> None:
        """Ask for its log until the line is in it."""

        async def is_there() -> bool:
            return any(READY in entry["message"] for entry in await self._logs(run, 0))

        await until(is_there)

    async def end(self, job: str, run: str) -> bool:
        """Ask for its state."""

        async def state() -> str:
            said = (await self._http.ask("GET", f"/flow_runs/{run}"))["state_type"]
            return said if said in _ENDED else ""

        return await until(state) == "COMPLETED"

    async def count_lines(self, job: str, run: str) -> int:
        """Read its log page by page."""
        lines, page = 0, await self._logs(run, 0)
        read = len(page)
        while page:
            lines += sum("line " in entry["message"] or READY in entry["message"] for entry in page)
            page = await self._logs(run, read)
            read += len(page)
        return lines

    async def list_runs(self) -> None:
        """Read a page."""
        await self._http.ask("POST", "/flow_runs/filter", {"limit": 50, "sort": "START_TIME_DESC"})

    async def close(self) -> None:
        """End it."""
        await self._http.close()
        await self.processes.end()

    async def _logs(self, run: str, offset: int) -> list[dict[str, Any]]:
        return await self._http.ask(
            "POST",
            "/logs/filter",
            {
                "logs": {"flow_run_id": {"any_": [run]}},
                "sort": "TIMESTAMP_ASC",
                "limit": _PAGE,
                "offset": offset,
            },
        )

    def _spawn_server(self) -> None:
        command = [self._bin / "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(self._port)]
        self.processes.spawn(command, self._folder, "server", self._variables)

    def _spawn_worker(self) -> None:
        command = [self._bin / "prefect", "worker", "start", "--pool", "bench", "--type", "process"]
        self.processes.spawn(command, self._folder, "worker", self._variables)

    async def _once(self, name: str, command: Sequence[str]) -> None:
        helper = Processes()
        helper.spawn([self._bin / command[0], *command[1:]], self._folder, name, self._variables)

        async def has_ended() -> bool:
            return not helper.all()

        await until(has_ended)
        await helper.end()
