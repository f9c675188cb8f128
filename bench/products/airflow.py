"""Airflow as `airflow standalone` runs it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from products.product import JOBS, READY, Http, Processes, free_port, indented, until

_VERSION = "3.3.2"
_ENDED = frozenset({"success", "failed"})
_DAG = """
@dag(dag_id={name!r}, schedule=None, catchup=False, max_active_runs=100)
def {name}_dag():
    @task(task_id="job")
    def job():
{body}
    job()
{name}_dag()
"""


class Airflow:
    """Version 3 from PyPI, defaults: SQLite, the local executor, API server, scheduler, triggerer."""

    name = "Airflow"
    isolation = "a process"

    def __init__(self, programs: Path) -> None:
        self.setup: Sequence[str] = (
            f"uv venv {programs}/airflow",
            f"uv pip install --python {programs}/airflow/bin/python apache-airflow=={_VERSION}",
        )
        self.processes = Processes()
        self._bin = programs.absolute() / "airflow/bin"
        self._http = Http()
        self._folder = Path()
        self._port = free_port()

    async def start(self, folder: Path) -> None:
        """Write the jobs and start it; its database is made on the way."""
        self._folder = folder
        self._http.url = f"http://127.0.0.1:{self._port}"
        (folder / "dags").mkdir()
        dags = "".join(_DAG.format(name=name, body=indented(indented(code))) for name, code in JOBS.items())
        (folder / "dags/bench.py").write_text(f"from airflow.sdk import dag, task\n{dags}")
        await self.start_again()

        async def is_loaded() -> bool:
            return len((await self._http.ask("GET", "/api/v2/dags"))["dags"]) == len(JOBS)

        await until(is_loaded)
        for job in JOBS:
            await self._http.ask("PATCH", f"/api/v2/dags/{job}", {"is_paused": False})

    async def start_again(self) -> None:
        """Start it."""
        variables = {
            "AIRFLOW_HOME": str(self._folder),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self._folder / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self._http.url}/execution/",
            "AIRFLOW__API__PORT": str(self._port),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__BASE_URL": self._http.url,
            "PATH": f"{self._bin}:/usr/local/bin:/usr/bin:/bin",
        }
        self.processes.spawn([self._bin / "airflow", "standalone"], self._folder, "standalone", variables)
        await self._http.until_it_answers("/api/v2/monitor/health")
        token = await self._http.ask("GET", "/auth/token")
        self._http.headers = {"Authorization": f"Bearer {token['access_token']}"}

    async def version(self) -> str:
        """Return its version."""
        return str((await self._http.ask("GET", "/api/v2/version"))["version"])

    async def trigger(self, job: str) -> str:
        """Ask for a run."""
        said = await self._http.ask("POST", f"/api/v2/dags/{job}/dagRuns", {"logical_date": None})
        return str(said["dag_run_id"])

    async def first_line(self, job: str, run: str) -> None:
        """Ask for its log until the line is in it."""

        async def is_there() -> bool:
            return any(READY in str(entry) for entry in await self._log(job, run))

        await until(is_there)

    async def end(self, job: str, run: str) -> bool:
        """Ask for its state."""

        async def state() -> str:
            said = (await self._http.ask("GET", f"/api/v2/dags/{job}/dagRuns/{run}"))["state"]
            return said if said in _ENDED else ""

        return await until(state) == "success"

    async def count_lines(self, job: str, run: str) -> int:
        """Read its log."""
        entries = await self._log(job, run)
        return sum("line " in str(entry) or READY in str(entry) for entry in entries)

    async def list_runs(self) -> None:
        """Read a page."""
        await self._http.ask("GET", "/api/v2/dags/~/dagRuns?limit=50")

    async def close(self) -> None:
        """End it."""
        await self._http.close()
        await self.processes.end()

    async def _log(self, job: str, run: str) -> list[Any]:
        path = f"/api/v2/dags/{job}/dagRuns/{run}/taskInstances/job/logs/1"
        headers = {**self._http.headers, "Accept": "application/x-ndjson"}
        async with self._http.session.get(self._http.url + path, headers=headers) as answer:
            if answer.status >= 400:
                return []  # the task is not there yet
            return [json.loads(line) for line in (await answer.text()).splitlines() if line]
