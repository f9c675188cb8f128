"""Dagster with its webserver and its daemon."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from products.product import JOBS, READY, Http, Processes, free_port, indented, until

_VERSION = "1.13.28"
_ENDED = frozenset({"SUCCESS", "FAILURE", "CANCELED"})
_JOB = """
@op
def {name}_op():
{body}

@job
def {name}():
    {name}_op()
"""
_CONFIGURATION = "telemetry:\n  enabled: false\n"
_LAUNCH = """
mutation ($selector: JobOrPipelineSelector!) {
  launchRun(executionParams: {selector: $selector, runConfigData: {}}) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}
"""
_STATUS = "query ($run: ID!) { runOrError(runId: $run) { ... on Run { status } } }"
_EVENTS = """
query ($run: ID!) {
  logsForRun(runId: $run, limit: 500) {
    ... on EventConnection { events { __typename ... on LogsCapturedEvent { fileKey } } }
  }
}
"""
_OUTPUT = """
query ($key: [String!]!, $cursor: String) {
  capturedLogs(logKey: $key, cursor: $cursor, limit: 1000000) { stdout cursor }
}
"""
_LIST = "query { runsOrError(limit: 50) { ... on Runs { results { runId status jobName startTime } } } }"
_LOADED = "query { repositoriesOrError { ... on RepositoryConnection { nodes { name jobs { name } } } } }"


class Dagster:
    """Version 1 from PyPI, SQLite, defaults: each run is a process of its own, and each step another."""

    name = "Dagster"
    isolation = "processes"

    def __init__(self, programs: Path) -> None:
        self.setup: Sequence[str] = (
            f"uv venv {programs}/dagster",
            f"uv pip install --python {programs}/dagster/bin/python "
            f"dagster=={_VERSION} dagster-webserver=={_VERSION}",
        )
        self.processes = Processes()
        self._bin = programs.absolute() / "dagster/bin"
        self._http = Http()
        self._folder = Path()
        self._port = free_port()

    async def start(self, folder: Path) -> None:
        """Write the jobs and start webserver and daemon."""
        self._folder = folder
        self._http.url = f"http://127.0.0.1:{self._port}"
        jobs = "".join(_JOB.format(name=name, body=indented(code)) for name, code in JOBS.items())
        (folder / "jobs.py").write_text(
            f"from dagster import Definitions, job, op\n{jobs}\n"
            f"defs = Definitions(jobs=[{', '.join(JOBS)}])\n"
        )
        (folder / "home").mkdir()
        (folder / "home/dagster.yaml").write_text(_CONFIGURATION)
        await self.start_again()

    async def start_again(self) -> None:
        """Start webserver and daemon."""
        variables = {
            "DAGSTER_HOME": str(self._folder / "home"),
            "PATH": f"{self._bin}:/usr/local/bin:/usr/bin:/bin",
        }
        code = ("-f", "jobs.py")
        web = [self._bin / "dagster-webserver", "-h", "127.0.0.1", "-p", str(self._port), *code]
        self.processes.spawn(web, self._folder, "webserver", variables)
        self.processes.spawn([self._bin / "dagster-daemon", "run", *code], self._folder, "daemon", variables)
        await self._http.until_it_answers("/server_info")

        async def is_loaded() -> Any:
            return (await self._query(_LOADED))["repositoriesOrError"].get("nodes")

        await until(is_loaded)

    async def version(self) -> str:
        """Return its version."""
        return str((await self._http.ask("GET", "/server_info"))["dagster_version"])

    async def trigger(self, job: str) -> str:
        """Launch a run."""
        selector = {
            "repositoryName": "__repository__",
            "repositoryLocationName": "jobs.py",
            "jobName": job,
        }
        said = (await self._query(_LAUNCH, selector=selector))["launchRun"]
        if "run" not in said:
            raise SystemExit(f"Dagster launched nothing: {said}")
        return str(said["run"]["runId"])

    async def first_line(self, job: str, run: str) -> None:
        """Ask what was captured until the line is in it."""

        async def is_there() -> bool:
            return READY in await self._output(run)

        await until(is_there)

    async def end(self, job: str, run: str) -> bool:
        """Ask for its status."""

        async def status() -> str:
            said = (await self._query(_STATUS, run=run))["runOrError"]["status"]
            return said if said in _ENDED else ""

        return await until(status) == "SUCCESS"

    async def count_lines(self, job: str, run: str) -> int:
        """Read all that was captured."""
        return (await self._output(run)).count("\n")

    async def list_runs(self) -> None:
        """Read a page."""
        await self._query(_LIST)

    async def close(self) -> None:
        """End it."""
        await self._http.close()
        await self.processes.end()

    async def _output(self, run: str) -> str:
        events = (await self._query(_EVENTS, run=run))["logsForRun"].get("events", ())
        for event in events:
            if event["__typename"] == "LogsCapturedEvent":
                key = [run, "compute_logs", event["fileKey"]]
                output, cursor = "", None
                while True:
                    said = (await self._query(_OUTPUT, key=key, cursor=cursor))["capturedLogs"]
                    if not said["stdout"]:
                        return output
                    output, cursor = output + said["stdout"], said["cursor"]
        return ""

    async def _query(self, query: str, **variables: object) -> dict[str, Any]:
        said = await self._http.ask("POST", "/graphql", {"query": query, "variables": variables})
        if said.get("errors"):
            raise SystemExit(f"Dagster: {said['errors']}")
        return said["data"]
