"""Writes the body of `containers/create` anew, from the fields of one that keeps to the policy."""

import re
from collections.abc import Mapping
from typing import Any, Final

from fastflow.docker_proxy.create_body import CreateBody
from fastflow.docker_proxy.mounts import AdmittedMount
from fastflow.docker_proxy.policy import Policy
from fastflow.docker_proxy.refusal import Refused

STAMP: Final = "fastflow.proxy"
"""Label with the proxy's name. A request can't carry it: it is not among the labels that are known."""
_VARIABLE: Final = re.compile(r"[^=\0]{1,256}=[^\0]*", re.DOTALL)
_LABEL_VALUE: Final = re.compile(r"[^\x00-\x1f\x7f]{0,4096}")
_JOINED: Final = re.compile(r"container:(?P<id>[0-9a-f]{64})")
_TMPFS: Final = re.compile(r"rw,nosuid,nodev,noexec,mode=1777,size=(?P<size>[1-9][0-9]{0,15})")


def check_create(body: CreateBody, policy: Policy) -> None:
    """Hold everything but image and mounts against the policy.

    Raises:
        Refused: with the field, its value and the setting that decides.
    """
    _check_process(body, policy)
    _check_labels(body, policy)
    _check_network(body, policy)
    check_runtime(body.host_config.runtime, policy)
    _check_limits(body, policy)
    _check_tmpfs(body, policy)


def is_attempt(body: CreateBody, policy: Policy) -> bool:
    """Return whether it is to execute a pipeline, now or later; otherwise it prepares an environment."""
    return body.labels.get(policy.shape.kind_label) in (policy.shape.attempt_kind, policy.shape.standby_kind)


def _is_standby(body: CreateBody, policy: Policy) -> bool:
    return body.labels.get(policy.shape.kind_label) == policy.shape.standby_kind


def rebuilt(body: CreateBody, policy: Policy, image: str, mounts: list[AdmittedMount]) -> dict[str, Any]:
    """Return what the Engine is told. `image` is an id; nothing is taken over unread."""
    host, maxima = body.host_config, policy.maxima
    memory = host.memory or maxima.memory_bytes
    cpus = host.nano_cpus or maxima.cpu_nanos
    return {
        "Image": image,
        "Cmd": list(body.cmd),
        "Entrypoint": [],
        "WorkingDir": body.working_dir,
        "User": policy.user,
        "Env": list(body.env),
        "Labels": {**body.labels, STAMP: policy.name},
        "NetworkDisabled": body.network_disabled,
        "HostConfig": {
            "Mounts": [mount.as_told() for mount in mounts],
            "Privileged": False,
            "ReadonlyRootfs": True,
            "Tmpfs": dict(host.tmpfs),
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
            "PidsLimit": host.pids_limit,
            "Init": True,
            "LogConfig": {"Type": "json-file", "Config": {}},
            "AutoRemove": False,
            "NetworkMode": host.network_mode,
            **({"Memory": memory, "MemorySwap": memory} if memory else {}),
            **({"NanoCpus": cpus} if cpus else {}),
            **({"Runtime": host.runtime} if host.runtime else {}),
        },
    }


def _check_process(body: CreateBody, policy: Policy) -> None:
    shape = policy.shape
    if body.user != policy.user:
        raise Refused(f"User {body.user!a} is not {policy.user} (FASTFLOW_PROXY_USER)")
    if is_attempt(body, policy):
        prefix = tuple(body.cmd[: len(shape.command_prefix)])
        if prefix != shape.command_prefix or body.working_dir != shape.code_directory:
            raise Refused("Cmd or WorkingDir is not that of an attempt of this version of Fast-Flow")
        if _is_standby(body, policy) and tuple(body.cmd) != shape.command_prefix:
            raise Refused("Cmd names a program: a container that waits for its attempt has none")
    elif not body.cmd or body.working_dir not in (shape.code_directory, shape.store_directory):
        raise Refused("Cmd or WorkingDir is not that of a preparing container")
    if not all(_VARIABLE.fullmatch(variable) for variable in body.env):
        raise Refused("Env has an entry that is not NAME=value")


def _check_labels(body: CreateBody, policy: Policy) -> None:
    shape, labels = policy.shape, body.labels
    wanted = {shape.managed_label, shape.kind_label, shape.installation_label}
    kind = labels.get(shape.kind_label)
    if kind == shape.attempt_kind:
        wanted |= shape.attempt_labels
    elif kind not in (shape.preparation_kind, shape.standby_kind):
        raise Refused(f"Labels: {shape.kind_label} is {kind!a}, which is no kind of ours")
    if keeper_joined(body) is not None:
        wanted.add(shape.namespace_label)
    if labels.keys() != wanted:
        raise Refused(f"Labels: {sorted(labels.keys() ^ wanted)} differ from those of this kind")
    check_label_values(labels, policy)


def check_label_values(labels: Mapping[str, Any], policy: Policy) -> None:
    """Hold the values of labels against what they can be.

    Raises:
        Refused: it is not marked as managed, or a value is no plain text.
    """
    if labels[policy.shape.managed_label] != "true":
        raise Refused(f"Labels: {policy.shape.managed_label} has to be true")
    if not all(isinstance(value, str) and _LABEL_VALUE.fullmatch(value) for value in labels.values()):
        raise Refused("Labels: a value has a control character, or is too long")


def keeper_joined(body: CreateBody) -> str | None:
    """Return whose network namespace it is to join; None where it gets its own. Not checked whose it is."""
    match = _JOINED.fullmatch(body.host_config.network_mode)
    return match["id"] if match else None


def _check_network(body: CreateBody, policy: Policy) -> None:
    network = body.host_config.network_mode
    keeper = keeper_joined(body)
    if keeper is not None and body.labels.get(policy.shape.namespace_label) != keeper:
        raise Refused(f"Labels: {policy.shape.namespace_label} is not the container of NetworkMode")
    if keeper is None and network not in {"none", *policy.networks} - {policy.shape.walled}:
        allowed = ", ".join(sorted({"none", *policy.networks}))
        raise Refused(f"NetworkMode {network!a} is not among {allowed} (FASTFLOW_PROXY_NETWORKS)")
    if body.network_disabled and network != "none":
        raise Refused("NetworkDisabled goes with NetworkMode none")


def check_runtime(runtime: object, policy: Policy) -> None:
    """Hold an OCI runtime against those that may be named; None: the Engine's default.

    Raises:
        Refused: it is another one.
    """
    if runtime is not None and not (isinstance(runtime, str) and runtime in policy.runtimes):
        allowed = ", ".join(sorted(policy.runtimes)) or "none"
        raise Refused(f"Runtime {str(runtime)[:64]!a} is not among {allowed} (FASTFLOW_CONTAINER_RUNTIME)")


def _check_limits(body: CreateBody, policy: Policy) -> None:
    host, maxima = body.host_config, policy.maxima
    if host.memory != host.memory_swap:
        raise Refused("MemorySwap differs from Memory: there is no swap for containers")
    limits = (
        ("Memory", host.memory, maxima.memory_bytes, "FASTFLOW_PROXY_MAX_MEMORY"),
        ("NanoCpus", host.nano_cpus, maxima.cpu_nanos, "FASTFLOW_PROXY_MAX_CPU_CORES"),
        ("PidsLimit", host.pids_limit, maxima.processes, "FASTFLOW_PROXY_MAX_PROCESSES"),
    )
    for name, value, maximum, setting in limits:
        if value is not None and maximum is not None and value > maximum:
            raise Refused(f"{name} {value} is over {maximum} ({setting})")


def _check_tmpfs(body: CreateBody, policy: Policy) -> None:
    shape, maxima = policy.shape, policy.maxima
    tmpfs = dict(body.host_config.tmpfs)
    secrets = tmpfs.pop(shape.secrets_directory, None) if is_attempt(body, policy) else None
    if secrets is not None and secrets != policy.secrets_tmpfs:
        raise Refused(f"Tmpfs on {shape.secrets_directory} is not the one for the secrets of an attempt")
    size = _TMPFS.fullmatch(tmpfs.get(shape.temporary_directory, ""))
    if len(tmpfs) != 1 or size is None:
        raise Refused(f"Tmpfs is not one on {shape.temporary_directory} without execution, with a size")
    if int(size["size"]) > maxima.temporary_bytes:
        maximum = f"{maxima.temporary_bytes} (FASTFLOW_PROXY_MAX_TEMPORARY_MB)"
        raise Refused(f"Tmpfs of {size['size']} bytes is over {maximum}")
