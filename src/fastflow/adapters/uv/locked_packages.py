"""Finds a lockfile by its content, and lists its packages."""

import os
import re
import threading
from pathlib import Path
from typing import Final

from fastflow.adapters.uv.lockfiles import Lockfile
from fastflow.adapters.uv.whole_file import write_whole
from fastflow.domain.environment import Package

_PINNED: Final = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;]+)")
_LOCATED: Final = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)(?:\[[^\]]*\])? @ (?P<location>[^\s;]+)")
_CREDENTIALS: Final = re.compile(r"//[^/@]*@")


class LockedPackages:
    """The lockfiles of a store. Each is named by what it was resolved from, and changes by `replace` only."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._keys: dict[str, str] = {}
        """The key of each file's content, by file name."""
        self._looking = threading.Lock()

    def of(self, lockfile_key: str) -> tuple[Package, ...] | None:
        """Return the packages of the lockfile with that key; None where it is gone. Blocks on files."""
        if not lockfile_key:
            return ()
        with self._looking:
            self._look()
            names = [name for name, key in self._keys.items() if key == lockfile_key]
        for name in names:
            try:
                return packages_in((self._place / name).read_text(encoding="utf-8"))
            except FileNotFoundError:
                continue
        return None

    def replace(self, name: str, lockfile: Lockfile, former: Lockfile | None) -> None:
        """Put a lockfile in the place of the former, which is kept by its own name: runs had it. Blocks."""
        with self._looking:
            if former is not None and former.key != lockfile.key:
                write_whole(self._place / f"former-{former.key}.txt", former.text.encode())
            write_whole(self._place / name, lockfile.text.encode())
            self._keys.pop(name, None)

    def _look(self) -> None:
        """Read the files that are new, and forget those that are gone."""
        try:
            present = {name for name in os.listdir(self._place) if name.endswith(".txt")}
        except FileNotFoundError:
            present = set[str]()
        for gone in self._keys.keys() - present:
            del self._keys[gone]
        for name in present - self._keys.keys():
            try:
                text = (self._place / name).read_text(encoding="utf-8")
            except FileNotFoundError:
                continue
            self._keys[name] = Lockfile(text).key


def packages_in(text: str) -> tuple[Package, ...]:
    """Return the packages of a lockfile by name, without credentials in the places they come from."""
    found: set[Package] = set()
    for requirement in Lockfile(text).requirements:
        if (pinned := _PINNED.match(requirement)) is not None:
            found.add(Package(_normal(pinned["name"]), pinned["version"]))
        elif (located := _LOCATED.match(requirement)) is not None:
            found.add(Package(_normal(located["name"]), _CREDENTIALS.sub("//", located["location"])))
    return tuple(sorted(found))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
