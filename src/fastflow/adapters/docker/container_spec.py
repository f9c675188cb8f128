"""Decides how the container of an attempt is made: a pure function, nothing is asked or done."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from fastflow.adapters.docker import certificates, inside, labels
from fastflow.adapters.docker.host_paths import HostPaths
from fastflow.domain.execution import ExecutionRequest
from fastflow.domain.secret_file import path_variables

_UNPRIVILEGED: Final = 1000
_CPU_PERIOD: Final = 1_000_000_000


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
        }

    def mount(self, source: Path, target: PurePosixPath, *, is_writable: bool = False) -> dict[str, object]:
        """Return a bind mount; a source that does not exist is an error, not an empty directory."""
        return {
            "Type": "bind",
            "Source": self.host_paths.translate(source),
            "Target": str(target),
            "ReadOnly": not is_writable,
        }


def attempt_spec(
    request: ExecutionRequest, image: str, confinement: Confinement, keeper: str | None = None
) -> dict[str, object]:
    """Return the body of `containers/create` for an attempt.

    `keeper` is the container whose network namespace it joins, where the request's network is no name.

    Raises:
        Invalid: `path_not_mounted`; the server runs in a container and a path is not of its mounts.
    """
    has_network = request.network != "none"
    return {
        "Image": image,
        "Cmd": inside.command(request.environment.python, request.arguments),
        "Entrypoint": [],
        "WorkingDir": str(inside.CODE_DIRECTORY),
        "User": f"{confinement.owner.uid}:{confinement.owner.gid}",
        "Env": [f"{name}={value}" for name, value in _variables(request, confinement).items()],
        "Labels": labels.of_attempt(request, confinement.installation, keeper),
        # An Engine before 28 needs 100 ms for any network namespace but this one.
        "NetworkDisabled": not has_network,
        "HostConfig": {
            **confinement.host_config(
                _mounts(request, confinement),
                request.limits.processes,
                has_secret_files=bool(request.secret_files),
            ),
            **_limits(request),
            "NetworkMode": joined(keeper) if keeper else request.network,
        },
    }


def joined(keeper: str) -> str:
    """Return the network mode of a container that joins a keeper's namespace."""
    return f"container:{keeper}"


def _mounts(request: ExecutionRequest, confinement: Confinement) -> list[dict[str, object]]:
    mounts = [
        confinement.mount(request.checkout, inside.CODE_DIRECTORY),
        confinement.mount(request.directory, inside.RUN_DIRECTORY, is_writable=True),
    ]
    environment = request.environment
    if environment.directory is not None and environment.mount is not None:
        mounts.append(confinement.mount(environment.directory, environment.mount))
    if confinement.certificates is not None:
        mounts.append(confinement.mount(confinement.certificates, certificates.BUNDLE))
    return mounts


def _limits(request: ExecutionRequest) -> dict[str, object]:
    limits: dict[str, object] = {}
    if request.limits.memory_bytes is not None:
        # Equal values mean: no swap.
        limits["Memory"] = limits["MemorySwap"] = request.limits.memory_bytes
    if request.limits.cpu_cores is not None:
        limits["NanoCpus"] = round(request.limits.cpu_cores * _CPU_PERIOD)
    return limits


def _variables(request: ExecutionRequest, confinement: Confinement) -> Mapping[str, str]:
    """Return ours, over them the run's, over those what the init needs."""
    mount = request.environment.mount
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
    paths = path_variables(request.secret_files, inside.SECRETS_DIRECTORY)
    return {**own, **request.variables, **paths, "TINI_KILL_PROCESS_GROUP": "1"}
