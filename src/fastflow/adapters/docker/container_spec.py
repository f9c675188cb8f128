"""Decides how the container of an attempt is made: a pure function, nothing is asked or done."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple, Self

from fastflow.adapters.docker import certificates, inside, labels
from fastflow.adapters.docker.host_paths import HostPaths
from fastflow.adapters.docker.runtime_choice import RuntimeChoice
from fastflow.domain.environment import Environment
from fastflow.domain.execution import ExecutionRequest
from fastflow.domain.limits import Limits
from fastflow.domain.secret_file import path_variables

_UNPRIVILEGED: Final = 1000
_CPU_PERIOD: Final = 1_000_000_000
_FOR_THE_INIT: Final = {"TINI_KILL_PROCESS_GROUP": "1"}
"""Over every other variable; the script takes it away from the program."""


class Owner(NamedTuple):
    """Whom containers run as, and who owns what they may write."""

    uid: int
    gid: int


def default_owner() -> Owner:
    """Return this server's own user, so that it can read what attempts leave; never root."""
    uid, gid = os.geteuid(), os.getegid()
    return Owner(uid, gid) if uid != 0 else Owner(_UNPRIVILEGED, _UNPRIVILEGED)


@dataclass(frozen=True, slots=True)
class Confinement:
    """What all containers of an installation have in common."""

    installation: str
    owner: Owner
    host_paths: HostPaths
    temporary_bytes: int = 512 * 1024**2
    """Size of /tmp. It counts as the container's memory."""
    certificates: Path | None = None
    """The file of certificate authorities that attempts trust; None: those of the image."""
    runtime: RuntimeChoice = field(default_factory=RuntimeChoice)

    def host_config(
        self, mounts: list[dict[str, object]], processes: int, *, has_secret_files: bool = False
    ) -> dict[str, object]:
        """Return the hardening, for attempts and preparing containers alike.

        Logs are neither rotated (rotation loses lines for a reader) nor is the container removed by the
        Engine (its log is the only copy while no server runs). /tmp is `noexec`, as a host's proxy
        demands; a program that must execute what it wrote has its own directory.
        """
        temporary = f"rw,nosuid,nodev,noexec,mode=1777,size={self.temporary_bytes}"
        tmpfs = {str(inside.TEMPORARY_DIRECTORY): temporary}
        if has_secret_files:
            tmpfs[str(inside.SECRETS_DIRECTORY)] = inside.secrets_tmpfs(*self.owner)
        return {
            "Mounts": mounts,
            "ReadonlyRootfs": True,
            "Tmpfs": tmpfs,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
            "PidsLimit": processes,
            "Init": True,
            "LogConfig": {"Type": "json-file", "Config": {}},
            "AutoRemove": False,
            **self.runtime.as_told(),
        }

    def mount(self, source: Path, target: PurePosixPath, *, is_writable: bool = False) -> dict[str, object]:
        """Return a bind mount; a source that does not exist is an error, not an empty directory."""
        return {
            "Type": "bind",
            "Source": self.host_paths.translate(source),
            "Target": str(target),
            "ReadOnly": not is_writable,
        }


@dataclass(frozen=True, slots=True)
class Mould:
    """What of an attempt is settled when its container is made. Whom it serves may be known later only."""

    pipeline: str
    checkout: Path
    environment: Environment
    limits: Limits
    network: str
    has_secret_files: bool
    image: str
    """Its id."""

    @classmethod
    def of(cls, request: ExecutionRequest, image: str) -> Self:
        """Return the one that fits this attempt, and those like it."""
        return cls(
            request.identity.pipeline,
            request.checkout,
            request.environment,
            request.limits,
            request.network,
            bool(request.secret_files),
            image,
        )


def attempt_spec(
    request: ExecutionRequest, image: str, confinement: Confinement, keeper: str | None = None
) -> dict[str, object]:
    """Return the body of `containers/create` for an attempt.

    `keeper` is the container whose network namespace it joins, where the request's network is no name.

    Raises:
        Invalid: `path_not_mounted`; the server runs in a container and a path is not of its mounts.
    """
    own = labels.of_attempt(request, confinement.installation, keeper)
    program = (request.environment.python, *request.arguments)
    variables = {
        **_own_variables(request.environment, confinement),
        **run_variables_of(request),
        **_FOR_THE_INIT,
    }
    mould = Mould.of(request, image)
    return _spec(mould, request.directory, confinement, keeper, own, program, variables)


def standby_spec(
    mould: Mould, directory: Path, confinement: Confinement, keeper: str | None = None
) -> dict[str, object]:
    """Return the body for a container whose attempt is not known yet: without program and run variables.

    Raises:
        Invalid: as `attempt_spec`.
    """
    own = {**labels.common(labels.Kind.STANDBY, confinement.installation), **labels.of_joined(keeper)}
    variables = {**_own_variables(mould.environment, confinement), **_FOR_THE_INIT}
    return _spec(mould, directory, confinement, keeper, own, (), variables)


def run_variables_of(request: ExecutionRequest) -> dict[str, str]:
    """Return what the attempt alone sees of variables; they win over those of its container."""
    return {**request.variables, **path_variables(request.secret_files, inside.SECRETS_DIRECTORY)}


def _spec(
    mould: Mould,
    directory: Path,
    confinement: Confinement,
    keeper: str | None,
    own_labels: Mapping[str, str],
    program: Sequence[str],
    variables: Mapping[str, str],
) -> dict[str, object]:
    return {
        "Image": mould.image,
        "Cmd": inside.command(program),
        "Entrypoint": [],
        "WorkingDir": str(inside.CODE_DIRECTORY),
        "User": f"{confinement.owner.uid}:{confinement.owner.gid}",
        "Env": [f"{name}={value}" for name, value in variables.items()],
        "Labels": dict(own_labels),
        # An Engine before 28 needs 100 ms for any network namespace but this one.
        "NetworkDisabled": mould.network == "none",
        "HostConfig": {
            **confinement.host_config(
                _mounts(mould, directory, confinement),
                mould.limits.processes,
                has_secret_files=mould.has_secret_files,
            ),
            **_limits(mould.limits),
            "NetworkMode": joined(keeper) if keeper else mould.network,
        },
    }


def joined(keeper: str) -> str:
    """Return the network mode of a container that joins a keeper's namespace."""
    return f"container:{keeper}"


def _mounts(mould: Mould, directory: Path, confinement: Confinement) -> list[dict[str, object]]:
    mounts = [
        confinement.mount(mould.checkout, inside.CODE_DIRECTORY),
        confinement.mount(directory, inside.RUN_DIRECTORY, is_writable=True),
    ]
    environment = mould.environment
    if environment.directory is not None and environment.mount is not None:
        mounts.append(confinement.mount(environment.directory, environment.mount))
    if confinement.certificates is not None:
        mounts.append(confinement.mount(confinement.certificates, certificates.BUNDLE))
    return mounts


def _limits(limits: Limits) -> dict[str, object]:
    told: dict[str, object] = {}
    if limits.memory_bytes is not None:
        # Equal values mean: no swap.
        told["Memory"] = told["MemorySwap"] = limits.memory_bytes
    if limits.cpu_cores is not None:
        told["NanoCpus"] = round(limits.cpu_cores * _CPU_PERIOD)
    return told


def _own_variables(environment: Environment, confinement: Confinement) -> dict[str, str]:
    mount = environment.mount
    own = {
        "PATH": f"{mount / 'bin'}:{inside.SEARCH_PATH}" if mount else inside.SEARCH_PATH,
        "HOME": str(inside.TEMPORARY_DIRECTORY),
        "USER": inside.USER_NAME,
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **({"VIRTUAL_ENV": str(mount)} if mount else {}),
    }
    if confinement.certificates is not None:
        own |= dict.fromkeys(certificates.VARIABLES, str(certificates.BUNDLE))
    return own
