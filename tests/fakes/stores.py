"""Pipelines and environments that live in memory."""

import asyncio
import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastflow.domain.environment import (
    BuiltEnvironment,
    Collected,
    Environment,
    KeptEnvironment,
    Package,
    Prepared,
    Relocked,
    StoreBounds,
    StoreContents,
    surplus,
)
from fastflow.domain.errors import FastFlowError, NotFound, Unavailable
from fastflow.domain.ports import FoundPipeline


class FakeEnvironments:
    """Fulfils the port of that name: every checkout gets the bare interpreter, unless told otherwise."""

    def __init__(self, python: str = "python3") -> None:
        self.prepared: list[tuple[Path, str | None]] = []
        """Every checkout and interpreter version that was asked for, in order."""
        self.was_asked = asyncio.Event()
        """Set by the first `prepare`."""
        self.collected: list[tuple[StoreBounds, set[str]]] = []
        """What every `collect` was asked to keep."""
        self.kept: list[KeptEnvironment] = []
        """What `contents` finds; the one used last comes first."""
        self.newest = "newest"
        """Key of the lockfile that `relock` makes."""
        self.lock_time: datetime | None = None
        self.collect_error: FastFlowError | None = None
        """What `collect` raises from now on."""
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.built: dict[str, BuiltEnvironment] = {}
        """What `look` finds, by key."""
        self.locked: dict[str, tuple[Package, ...]] = {"": ()}
        """The packages of lockfiles, by key."""
        self.lockfile_key = ""
        """Of every environment that is prepared from now on."""
        self._python = python
        self._error: FastFlowError | None = None
        self._may_prepare = asyncio.Event()
        self._may_prepare.set()

    def keep(self, key: str, unused_for: timedelta, disk_bytes: int = 1024**3) -> None:
        """Let the store hold an environment that nobody asked for in that long."""
        used = self.now - unused_for
        self.kept.append(KeptEnvironment(key, "l1", "3.12.4", disk_bytes, used, used))
        self.kept.sort(key=lambda each: each.last_used_at, reverse=True)
        self.built[key] = BuiltEnvironment("3.12.4", (Package("six", "1.17.0"),), disk_bytes, used)

    def fail(self, error: FastFlowError) -> None:
        """Let every `prepare` raise this (`EnvironmentFailed`, `Unavailable`) until `recover`."""
        self._error = error

    def recover(self) -> None:
        """Let `prepare` succeed again."""
        self._error = None

    def hold(self) -> None:
        """Let every `prepare` block until `release`."""
        self._may_prepare.clear()

    def release(self) -> None:
        """Let blocked and later preparations go on."""
        self._may_prepare.set()

    async def prepare(self, checkout: Path, python_version: str | None) -> Prepared:
        """Return the bare interpreter, or do what the test asked for."""
        self.prepared.append((checkout, python_version))
        self.was_asked.set()
        await self._may_prepare.wait()
        if self._error is not None:
            raise self._error
        key = f"python-{python_version or 'default'}{self.lockfile_key and f'-{self.lockfile_key}'}"
        return Prepared(Environment(key, self.lockfile_key, None, self._python), 0.25, 0.5)

    async def relock(self, checkout: Path, python_version: str | None) -> Relocked:
        """Lock to what the test has put into `newest`, or do what it asked for."""
        former, self.lockfile_key = self.lockfile_key or None, self.newest
        made = await self.prepare(checkout, python_version)
        return Relocked(made.environment, former)

    async def locked_at(self, checkout: Path) -> datetime | None:
        """Return what the test has put there."""
        del checkout
        return self.lock_time

    async def requirements(self, checkout: Path) -> list[str]:
        """Return the lines of the checkout's `requirements.txt`."""

        def read() -> list[str]:
            file = checkout / "requirements.txt"
            return file.read_text().split("\n") if file.exists() else []

        return [line for line in await asyncio.to_thread(read) if line]

    async def look(self, environment_key: str) -> BuiltEnvironment | None:
        """Return what the test has put there."""
        return self.built.get(environment_key)

    async def locked_packages(self, lockfile_key: str) -> tuple[Package, ...] | None:
        """Return what the test has put there."""
        return self.locked.get(lockfile_key)

    async def contents(self) -> StoreContents:
        """Return what the test has put there."""
        return StoreContents(tuple(self.kept), cache_bytes=0, cache_only_bytes=0)

    async def collect(
        self, bounds: StoreBounds, in_use: Collection[str], *, is_rehearsal: bool = False
    ) -> Collected:
        """Take out of `kept` what the real store would delete, by a clock that stands at `now`."""
        if self.collect_error is not None:
            raise self.collect_error
        self.collected.append((bounds, set(in_use)))
        gone, clears_cache = surplus(await self.contents(), bounds, in_use, self.now)
        if not is_rehearsal:
            self.kept = [each for each in self.kept if each not in gone]
        return Collected(gone, clears_cache, sum(each.disk_bytes for each in gone))


class FakeSource:
    """Fulfils `ports.PipelineSource`: pipelines are what the test puts in, checked out below `directory`.

    A revision that was put once can be checked out until `collect`, as in the real sources.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._current: dict[str, FoundPipeline] = {}
        self._trouble: str | None = None
        self._contents: dict[tuple[str, str], dict[str, bytes]] = {}

    def put(
        self,
        name: str,
        files: Mapping[str, str] | None = None,
        *,
        manifest: str | None = None,
        problem: str | None = None,
        hint: str | None = None,
    ) -> str:
        """Add or change a pipeline (default: an empty `main.py`); return its revision."""
        content = {file: text.encode() for file, text in (files or {"main.py": ""}).items()}
        if manifest is not None:
            content["pipeline.json"] = manifest.encode()
        revision = hashlib.sha256(repr(sorted(content.items())).encode()).hexdigest()
        self._contents[name, revision] = content
        self._current[name] = FoundPipeline(
            name,
            self._directory / name,
            None if problem else revision,
            "pipeline.json" if manifest is not None else None,
            manifest.encode() if manifest is not None else None,
            problem,
            hint,
        )
        return revision

    def drop(self, name: str) -> None:
        """Take a pipeline away, as a deleted folder would be."""
        del self._current[name]

    def fail_scans(self, trouble: str) -> None:
        """Let every scan fail from now on, as a folder that can't be read would."""
        self._trouble = trouble

    async def scan(self) -> list[FoundPipeline]:
        """List what was put and not dropped, by name."""
        if self._trouble is not None:
            raise Unavailable("pipelines_unavailable", self._trouble)
        return [self._current[name] for name in sorted(self._current)]

    async def look(self, name: str) -> FoundPipeline | None:
        """Return one pipeline as it was put last."""
        return self._current.get(name)

    async def checkout(self, name: str, revision: str) -> Path:
        """Write the files of that revision to disk and return their folder."""
        content = self._contents.get((name, revision))
        if content is None:
            raise NotFound("revision_gone", f"{name} at {revision} is gone.", {"pipeline": name})
        folder = self._directory / name / revision
        await asyncio.to_thread(_write, folder, content)
        return folder

    async def collect(self, keep: set[tuple[str, str]]) -> int:
        """Forget the revisions that are neither kept nor current."""
        current = {(name, found.revision) for name, found in self._current.items()}
        gone = [key for key in self._contents if key not in keep and key not in current]
        for key in gone:
            del self._contents[key]
        return len(gone)


def _write(folder: Path, content: Mapping[str, bytes]) -> None:
    for file, data in content.items():
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
