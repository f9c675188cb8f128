"""Stands in for stored secrets where there is no server: the caller's own variables do."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fastflow.domain.secret_file import FILE_MODE, path_variable
from fastflow.domain.spec import RunSpec

_HAS_MEMORY_FILES: Final = hasattr(os, "memfd_create")  # Linux


@dataclass(frozen=True, slots=True)
class StandIns:
    """What a local run gets in the place of its secrets."""

    variables: Mapping[str, str]
    """All of the run's own variables."""
    left_out: frozenset[str]
    """Variables of the caller that the run finds as files instead, as it would on a server."""
    hints: tuple[str, ...]
    """What is not set, and how to set it."""


def stand_ins(spec: RunSpec, environment: Mapping[str, str]) -> StandIns:
    """Choose from the run's own variables and the caller's environment; a manifest's default comes last."""
    keys = [*spec.secrets, *spec.encrypted_variables, *spec.secret_files]
    names = [*keys, *map(path_variable, spec.secret_files)]
    given = {name: environment[name] for name in names if name in environment} | spec.variables
    variables = {**spec.default_variables, **given}
    missing = [name for name in (*spec.secrets, *spec.encrypted_variables) if name not in variables]
    missing_files: list[str] = []
    for key in spec.secret_files:
        path = path_variable(key)
        value = variables.pop(key, None)
        if path not in given:
            if value is None or not _HAS_MEMORY_FILES:
                missing_files.append(key)
            else:
                variables[path] = _in_memory(key, value)
    return StandIns(variables, frozenset(spec.secret_files), tuple(_hints(missing, missing_files)))


def _in_memory(name: str, value: str) -> str:
    """Return the path of a file that is gone when this process, or what it becomes, has ended."""
    descriptor = os.memfd_create(name, 0)  # without MFD_CLOEXEC: the pipeline inherits it
    os.write(descriptor, value.encode(errors="surrogateescape"))
    os.fchmod(descriptor, FILE_MODE)
    # Not /proc/self: the pipeline's own children may read it, too.
    return f"/proc/{os.getpid()}/fd/{descriptor}"


def _hints(missing: Iterable[str], missing_files: Iterable[str]) -> list[str]:
    hints = [
        f"secret {name} is not set, and a local run has no stored ones. Set it: `export {name}=…`, or "
        f"`-e {name}=…`."
        for name in dict.fromkeys(missing)
    ]
    for key in missing_files:
        path = path_variable(key)
        or_value = f", or {key} to its value" if _HAS_MEMORY_FILES else ""
        hints.append(
            f"secret {key} is not set, and a local run has no stored ones. Set {path} to the path of a file "
            f"with the value{or_value}: `export {path}=…`."
        )
    return hints
