"""Compares a run with the last one of its pipeline that succeeded before it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue
from sqlmodel import Session

from fastflow.domain.comparison import Changed, differences
from fastflow.domain.environment import Package
from fastflow.domain.environment_ports import Environments
from fastflow.domain.errors import NotFound
from fastflow.domain.spec import RunSpec
from fastflow.store import attempts, run_history, runs
from fastflow.store.database import Database
from fastflow.store.tables import AttemptRow, RunRow

SETTINGS: Final = (
    "timeout_seconds",
    "retry_attempts",
    "cpu_cores",
    "memory_bytes",
    "soft_cpu_cores",
    "soft_memory_bytes",
    "python_version",
    "network",
)
"""Of a spec, what says under which conditions a run takes place."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs."""

    run: RunRow
    lockfile_key: str | None
    python_version: str | None
    packages: Sequence[Package] | None
    """None: it had no environment, or its lockfile is not kept any more."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run beside its baseline; without one there is nothing to differ from."""

    after: Side
    before: Side | None
    packages: list[Changed[str]] | None
    """None: those of one of them are not known."""
    parameters: list[Changed[JsonValue]]
    variables: list[Changed[str]]
    """In clear, as they were given."""
    encrypted_variables: list[Changed[bool]]
    """Only those that came or went: a new key changes every ciphertext."""
    secrets: list[Changed[bool]]
    """Which were listed."""
    settings: list[Changed[JsonValue]]


class Comparisons:
    """Reads two runs, and what is kept of their environments."""

    def __init__(self, database: Database, environments: Environments) -> None:
        self._database = database
        self._environments = environments

    async def of(self, run_id: str) -> Comparison:
        """Compare one run.

        Raises:
            NotFound: `run_not_found`.
            Unavailable: `disk_failed`.
        """

        def work(session: Session) -> list[tuple[RunRow, Sequence[AttemptRow]]]:
            run = runs.get(session, run_id)
            if run is None:
                raise NotFound("run_not_found", f"There is no run {run_id[:80]!r}.", {"run_id": run_id[:80]})
            before = run_history.last_success_before(session, run)
            both = [run] if before is None else [run, before]
            return [(each, attempts.of_run(session, each.id)) for each in both]

        after, *rest = [await self._side(*each) for each in await self._database.read(work)]
        if not rest:
            return Comparison(after, None, None, [], [], [], [], [])
        return _compared(rest[0], after)

    async def _side(self, run: RunRow, tried: Sequence[AttemptRow]) -> Side:
        prepared = next((each for each in reversed(tried) if each.environment_key is not None), None)
        if prepared is None or prepared.environment_key is None:
            return Side(run, None, None, None)
        built = await self._environments.look(prepared.environment_key)
        locked = await self._environments.locked_packages(prepared.lockfile_key or "")
        packages = locked if locked is not None else built.packages if built is not None else None
        return Side(run, prepared.lockfile_key, built.python_version if built is not None else None, packages)


def _compared(before: Side, after: Side) -> Comparison:
    old, new = _spec(before.run), _spec(after.run)
    packages = None
    if before.packages is not None and after.packages is not None:
        packages = differences(_versions(before.packages), _versions(after.packages))
    return Comparison(
        after,
        before,
        packages,
        parameters=differences(old.parameters, new.parameters),
        variables=differences(old.all_variables, new.all_variables),
        encrypted_variables=differences(
            dict.fromkeys(old.encrypted_variables, True), dict.fromkeys(new.encrypted_variables, True)
        ),
        secrets=differences(_listed(old), _listed(new)),
        settings=differences(_settings(old), _settings(new)),
    )


def _spec(run: RunRow) -> RunSpec:
    return RunSpec.model_validate(run.spec)  # of a rejected trigger it is empty


def _listed(spec: RunSpec) -> dict[str, bool]:
    return dict.fromkeys([*spec.secrets, *spec.secret_files], True)


def _settings(spec: RunSpec) -> dict[str, JsonValue]:
    return spec.model_dump(mode="json", include=set(SETTINGS))


def _versions(packages: Sequence[Package]) -> dict[str, str]:
    """Return the version of each; a lockfile for several platforms may have more than one of a name."""
    found: dict[str, list[str]] = defaultdict(list)
    for package in packages:
        found[package.name].append(package.version)
    return {name: ", ".join(versions) for name, versions in found.items()}
