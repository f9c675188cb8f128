"""Gives every pipeline its environment: kept ones at once, missing ones after locking and building."""

import asyncio
import hashlib
import json
import os
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from fastflow.adapters.uv.builder import MARKER, build
from fastflow.adapters.uv.collection import remove, remove_leftovers
from fastflow.adapters.uv.commands import run_uv
from fastflow.adapters.uv.dependencies import Dependencies, read_dependencies
from fastflow.adapters.uv.file_lock import held
from fastflow.adapters.uv.inspection import inspect
from fastflow.adapters.uv.interpreters import Interpreter, Interpreters
from fastflow.adapters.uv.lock_times import LockTimes
from fastflow.adapters.uv.locked_packages import LockedPackages
from fastflow.adapters.uv.lockfiles import Lockfile, read_lockfile, resolve
from fastflow.adapters.uv.requirement_lines import requirement_lines
from fastflow.adapters.uv.single_flight import SingleFlight
from fastflow.adapters.uv.store_contents import contents_of
from fastflow.adapters.uv.whole_file import write_whole
from fastflow.domain.environment import (
    BuiltEnvironment,
    Collected,
    DependencySource,
    Environment,
    EnvironmentFailed,
    Package,
    Prepared,
    Relocked,
    StoreBounds,
    StoreContents,
    surplus,
)
from fastflow.domain.environment_ports import Toolbox
from fastflow.domain.errors import Conflict, Unavailable

REMEMBER_FAILURE_SECONDS: Final = 30.0
"""A queue of runs does not resolve the impossible again and again; a package published just now is
found soon. Troubles of the platform are never remembered."""
TOUCH_SECONDS: Final = 3600.0
"""How exactly it is kept when an environment was last asked for."""
CLEARING_LIMIT: Final = timedelta(minutes=10)
MOST_REMEMBERED: Final = 2000
_FORMAT: Final = 1
"""Part of every key; a change in how environments are made raises it."""


class _Made(NamedTuple):
    environment: Environment
    locked_at: float
    """By the clock of `monotonic`."""


class UvEnvironments:
    """The environments of one store, made in a toolbox.

    Below `store`: `lock/<inputs key>.txt`, `env/<environment key>/`, `locks/` against doing work twice,
    `interpreters/` with what was found out about them, and uv's own `cache/` and `python/`. Several
    servers of one machine may share a store.
    """

    def __init__(
        self,
        store: Path,
        toolbox: Toolbox,
        default_python: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._toolbox = toolbox
        self._default_python = default_python
        self._monotonic = monotonic
        self._interpreters = Interpreters(store / "interpreters", toolbox, default_python)
        self._preparing: SingleFlight[str, _Made] = SingleFlight()
        self._ready: dict[tuple[Path, str | None], Environment] = {}
        self._failed: dict[str, tuple[float, str]] = {}
        self._last_used: dict[str, float] = {}
        self._locks_changed = 0
        """How often a lockfile took the place of another."""
        self._locked_packages = LockedPackages(store / "lock")
        self._lock_times = LockTimes(store / "lock-times")

    async def prepare(self, checkout: Path, python_version: str | None) -> Prepared:
        """Return the environment for that checkout, locking and building it if need be.

        A checkout never changes, so one that was seen before costs a look whether its environment is
        still there. Everything else is `Environments.prepare`.
        """
        began, changes = self._monotonic(), self._locks_changed
        try:
            known = self._ready.get((checkout, python_version))
            if known is not None and await self._is_there(known):
                return Prepared(known)
            environment, locked_at = await self._find_or_make(checkout, python_version)
        except OSError as error:
            raise self._failed_disk(error) from error
        if changes == self._locks_changed:
            self._remember(checkout, python_version, environment)
        # Whoever joined a build that was under way has waited for the rest of it only.
        building_from = max(began, locked_at)
        return Prepared(environment, building_from - began, self._monotonic() - building_from)

    def _remember(self, checkout: Path, python_version: str | None, environment: Environment) -> None:
        while len(self._ready) >= MOST_REMEMBERED:
            self._ready.pop(next(iter(self._ready)))
        self._ready[checkout, python_version] = environment

    async def relock(self, checkout: Path, python_version: str | None) -> Relocked:
        """Lock anew: see `Environments.relock`."""
        try:
            dependencies = await asyncio.to_thread(read_dependencies, checkout)
            _refuse_fixed(dependencies)
            interpreter = await self._interpreters.choose(python_version, dependencies.requires_python)
            inputs_key, now = self._inputs_key(dependencies, interpreter), datetime.now(UTC)
            path = self._lockfile(inputs_key)
            lockfile = await resolve(self._toolbox, checkout, dependencies, interpreter)
            made = await self._build(lockfile, interpreter, checkout, is_likely_cached=False)
            async with held(self._store / "locks" / inputs_key):
                former = await asyncio.to_thread(read_lockfile, path)
                await asyncio.to_thread(self._locked_packages.replace, path.name, lockfile, former)
                await asyncio.to_thread(self._lock_times.write, _time_key(dependencies), now)
        except OSError as error:
            raise self._failed_disk(error) from error
        # Whoever asks for the same shares the lockfile. What is being prepared may have read the former.
        self._ready.clear()
        self._locks_changed += 1
        self._failed.pop(inputs_key, None)
        return Relocked(made.environment, former.key if former is not None else None)

    async def locked_at(self, checkout: Path) -> datetime | None:
        """Say when it was locked: see `Environments.locked_at`."""
        try:
            dependencies = await asyncio.to_thread(read_dependencies, checkout)
            if dependencies.source is DependencySource.NONE or dependencies.is_locked:
                return None
            return await asyncio.to_thread(self._lock_times.read, _time_key(dependencies))
        except OSError as error:
            raise self._failed_disk(error) from error

    async def requirements(self, checkout: Path) -> list[str]:
        """Return what the checkout asks for, one requirement a line: see `Environments.requirements`."""
        return await asyncio.to_thread(requirement_lines, checkout)

    async def look(self, environment_key: str) -> BuiltEnvironment | None:
        """Say what an environment holds: see `Environments.look`."""
        try:
            return await asyncio.to_thread(inspect, self._store, environment_key)
        except OSError as error:
            raise self._failed_disk(error) from error

    async def locked_packages(self, lockfile_key: str) -> tuple[Package, ...] | None:
        """Return the packages of a lockfile: see `Environments.locked_packages`."""
        try:
            return await asyncio.to_thread(self._locked_packages.of, lockfile_key)
        except OSError as error:
            raise self._failed_disk(error) from error

    async def contents(self) -> StoreContents:
        """Say what is kept: see `Environments.contents`."""
        try:
            return await asyncio.to_thread(contents_of, self._store, dict(self._last_used))
        except OSError as error:
            raise self._failed_disk(error) from error

    async def collect(
        self, bounds: StoreBounds, in_use: Collection[str], *, is_rehearsal: bool = False
    ) -> Collected:
        """Delete what the store may not hold any more: see `Environments.collect`.

        An environment shares its files with the cache: they leave the disk when both are gone.
        """
        before = await self.contents()
        doomed, clears_cache = surplus(before, bounds, in_use, datetime.now(UTC))
        if is_rehearsal:
            freed = sum(each.disk_bytes for each in doomed) + before.cache_only_bytes * clears_cache
            return Collected(doomed, clears_cache, freed)
        try:
            await asyncio.to_thread(remove_leftovers, self._store)
            gone = await asyncio.to_thread(remove, self._store, doomed)
        except OSError as error:
            raise self._failed_disk(error) from error
        if clears_cache:
            # uv itself knows who else uses its cache. What environments hold stays with them.
            await run_uv(self._toolbox, ["cache", "clean", "--quiet"], time_limit=CLEARING_LIMIT)
        if not gone and not clears_cache:
            return Collected()
        after = await self.contents()
        return Collected(tuple(gone), clears_cache, max(0, before.total_bytes - after.total_bytes))

    def _failed_disk(self, error: OSError) -> Unavailable:
        return Unavailable("disk_failed", f"The uv store {self._store}: {error}")

    async def _is_there(self, environment: Environment) -> bool:
        if environment.directory is None:
            return True
        self._last_used[environment.key] = time.time()
        return await asyncio.to_thread(_touch, environment.directory / MARKER)

    async def _find_or_make(self, checkout: Path, python_version: str | None) -> _Made:
        dependencies = await asyncio.to_thread(read_dependencies, checkout)
        is_bare = dependencies.source is DependencySource.NONE and self._toolbox.is_mounted
        if is_bare and not python_version and not self._default_python:
            bare = Environment(_key("bare", self._toolbox.platform_key), "", None, "python3")
            return _Made(bare, self._monotonic())
        interpreter = await self._interpreters.choose(python_version, dependencies.requires_python)
        inputs_key = self._inputs_key(dependencies, interpreter)
        self._raise_remembered(inputs_key)
        try:
            return await self._preparing.run(
                inputs_key, lambda: self._make(inputs_key, checkout, dependencies, interpreter)
            )
        except EnvironmentFailed as error:
            self._failed[inputs_key] = (self._monotonic() + REMEMBER_FAILURE_SECONDS, error.message)
            raise

    def _inputs_key(self, dependencies: Dependencies, interpreter: Interpreter) -> str:
        return _key(
            dependencies.source.value,
            dependencies.digest,
            interpreter.text,
            str(interpreter.executable),
            self._toolbox.platform_key,
        )

    def _lockfile(self, inputs_key: str) -> Path:
        return self._store / "lock" / f"{inputs_key}.txt"

    def _raise_remembered(self, inputs_key: str) -> None:
        now = self._monotonic()
        self._failed = {key: failure for key, failure in self._failed.items() if failure[0] > now}
        if inputs_key in self._failed:
            raise EnvironmentFailed(self._failed[inputs_key][1])

    async def _make(
        self, inputs_key: str, checkout: Path, dependencies: Dependencies, interpreter: Interpreter
    ) -> _Made:
        lockfile, is_new = await self._lock(inputs_key, checkout, dependencies, interpreter)
        return await self._build(lockfile, interpreter, checkout, is_likely_cached=not is_new)

    async def _build(
        self, lockfile: Lockfile, interpreter: Interpreter, checkout: Path, *, is_likely_cached: bool
    ) -> _Made:
        environment = self._describe(lockfile, interpreter)
        made = _Made(environment, self._monotonic())
        if environment.directory is None or await self._is_there(environment):
            return made
        async with held(self._store / "locks" / environment.key):
            if not await self._is_there(environment):
                await build(
                    self._toolbox,
                    environment.directory,
                    lockfile,
                    interpreter,
                    checkout,
                    is_likely_cached=is_likely_cached,
                )
        return made

    async def _lock(
        self, inputs_key: str, checkout: Path, dependencies: Dependencies, interpreter: Interpreter
    ) -> tuple[Lockfile, bool]:
        """Return the lockfile, and whether it had to be resolved just now."""
        if dependencies.source is DependencySource.NONE:
            return Lockfile(""), False
        path, time_key = self._lockfile(inputs_key), _time_key(dependencies)
        async with held(self._store / "locks" / inputs_key):
            known = await asyncio.to_thread(read_lockfile, path)
            if known is not None:
                return known, False
            now, locked_at = datetime.now(UTC), await asyncio.to_thread(self._lock_times.read, time_key)
            lockfile = await resolve(self._toolbox, checkout, dependencies, interpreter, locked_at)
            await asyncio.to_thread(write_whole, path, lockfile.text.encode())
            if locked_at is None:
                await asyncio.to_thread(self._lock_times.write, time_key, now)
            return lockfile, True

    def _describe(self, lockfile: Lockfile, interpreter: Interpreter) -> Environment:
        """Say what the environment will be, wherever it is not needed to make one."""
        key = _key(lockfile.key, interpreter.text, str(interpreter.executable), self._toolbox.platform_key)
        is_in_image = self._toolbox.is_mounted and self._toolbox.store not in interpreter.executable.parents
        if not lockfile.requirements and is_in_image:
            return Environment(key, "", None, str(interpreter.executable))
        place = self._toolbox.store / "env" / key
        return Environment(
            key=key,
            lockfile_key=lockfile.key,
            directory=self._store / "env" / key,
            python=str(place / "bin" / "python"),
            mount=place if self._toolbox.is_mounted else None,
        )


def _time_key(dependencies: Dependencies) -> str:
    return _key("locked at", dependencies.source.value, dependencies.digest)


def _refuse_fixed(dependencies: Dependencies) -> None:
    if dependencies.source is DependencySource.NONE:
        raise Conflict("nothing_to_lock", "It asks for no packages, so there is nothing to lock.")
    if dependencies.is_locked:
        raise Conflict(
            "locked_in_repository",
            "Its own uv.lock says which packages it gets. Run `uv lock --upgrade` there, and commit that.",
        )


def _key(*parts: str) -> str:
    return hashlib.sha256(json.dumps([_FORMAT, *parts]).encode()).hexdigest()[:32]


def _touch(marker: Path) -> bool:
    """Return whether the environment is whole, and note that it was asked for."""
    try:
        age_seconds = time.time() - marker.stat().st_mtime
    except FileNotFoundError:
        return False
    if age_seconds > TOUCH_SECONDS:
        with suppress(FileNotFoundError):
            os.utime(marker)
    return True
