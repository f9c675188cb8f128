"""Admits the mounts of a container: known places inside, allowed ones outside, writable where promised."""

import re
from dataclasses import dataclass
from typing import Any, Final

from fastflow.docker_proxy.bind_sources import BindSource, resolve_below, resolve_same
from fastflow.docker_proxy.create_body import Mount
from fastflow.docker_proxy.policy import Policy
from fastflow.docker_proxy.refusal import Refused

_BELOW_STORE: Final = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._+-]{1,255}){1,8}")


@dataclass(frozen=True, slots=True)
class AdmittedMount:
    """A bind whose source was looked at."""

    source: BindSource
    target: str
    is_read_only: bool

    def as_told(self) -> dict[str, Any]:
        """Return it in the Engine's words."""
        return {
            "Type": "bind",
            "Source": self.source.path,
            "Target": self.target,
            "ReadOnly": self.is_read_only,
            "BindOptions": {"Propagation": "rprivate"},
        }


def admit_mounts(mounts: list[Mount], policy: Policy, *, is_attempt: bool) -> list[AdmittedMount]:
    """Return the mounts with what their sources really are. Blocks on the file system.

    Raises:
        Refused: a place inside is none of ours or given twice, a place outside is not allowed there.
    """
    admitted = [_admit(mount, policy, is_attempt=is_attempt) for mount in mounts]
    if len({mount.target for mount in admitted}) != len(admitted):
        raise Refused("two mounts have the same Target")
    return admitted


def _admit(mount: Mount, policy: Policy, *, is_attempt: bool) -> AdmittedMount:
    shape = policy.shape
    is_writable_place = mount.target == (shape.run_directory if is_attempt else shape.store_directory)
    if mount.read_only is is_writable_place:
        expected = "writable" if is_writable_place else "read-only"
        raise Refused(f"the mount on {mount.target[:200]!a} has to be {expected}")
    if is_writable_place:
        source = (
            resolve_below(mount.source, policy.write_roots, "FASTFLOW_PROXY_WRITE_ROOTS")
            if is_attempt
            else resolve_same(mount.source, policy.store, "FASTFLOW_PROXY_UV_STORE")
        )
    elif mount.target in (shape.code_directory, shape.certificates):
        source = resolve_below(mount.source, policy.read_roots, "FASTFLOW_PROXY_READ_ROOTS")
    elif is_attempt and _is_environment(mount.target, shape.store_directory):
        source = resolve_below(mount.source, (policy.store,), "FASTFLOW_PROXY_UV_STORE")
    else:
        raise Refused(f"nothing of ours is mounted on {mount.target[:200]!a}")
    return AdmittedMount(source, mount.target, mount.read_only)


def _is_environment(target: str, store: str) -> bool:
    return target.startswith(f"{store}/") and _BELOW_STORE.fullmatch(target.removeprefix(store)) is not None
